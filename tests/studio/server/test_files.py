from __future__ import annotations

from pathlib import Path

import pytest

from studio.server.errors import Changed, StudioError
from studio.server.files import Files


def test_what_is_saved_is_what_is_read(project: Path) -> None:
    files = Files(project)
    opened = files.read("data_loaders/load.py")
    saved = files.write(opened.path, "pass\n", opened.version)
    assert files.read(opened.path) == saved
    assert (project / "data_loaders/load.py").read_text() == "pass\n"


def test_the_later_of_two_editors_is_shown_both_texts_and_nothing_is_written(project: Path) -> None:
    files = Files(project)
    mine = files.read("data_loaders/load.py")
    files.write(mine.path, "theirs\n", mine.version)
    with pytest.raises(Changed) as refused:
        files.write(mine.path, "mine\n", mine.version)
    assert (refused.value.conflict.theirs, refused.value.conflict.yours) == ("theirs\n", "mine\n")
    assert files.read(mine.path).text == "theirs\n"


def test_a_new_file_does_not_replace_one_that_appeared_meanwhile(project: Path) -> None:
    files = Files(project)
    with pytest.raises(Changed):
        files.write("data_loaders/load.py", "new\n", "")


@pytest.mark.parametrize(
    "path",
    ["../outside.py", "/etc/passwd", "data_loaders/../../x", "a\0b", "", ".", ".env", "k.pem",
     ".git/config", ".blocklift/emulator/key"],
)  # fmt: skip
def test_paths_that_are_not_for_the_browser_are_refused(project: Path, path: str) -> None:
    (project.parent / "outside.py").write_text("secret")
    with pytest.raises(StudioError):
        Files(project).read(path)


def test_a_link_out_of_the_project_is_not_followed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    (project / "link.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(StudioError):
        Files(project).read("link.txt")
    assert "link.txt" not in dict(Files(project).tree())


def test_the_tree_names_no_secrets(project: Path) -> None:
    names = dict(Files(project).tree())
    assert "data_loaders/load.py" in names
    assert ".env" not in names


def test_what_is_discarded_can_be_found_again(project: Path) -> None:
    kept = Files(project).discard("data_loaders/load.py")
    assert not (project / "data_loaders/load.py").exists()
    assert kept.is_relative_to(project / ".blocklift/trash")
    assert "return 1" in kept.read_text()


def test_saving_keeps_a_files_permissions(project: Path) -> None:
    place = project / "data_loaders/load.py"
    place.chmod(0o755)
    opened = Files(project).read("data_loaders/load.py")
    Files(project).write(opened.path, "pass\n", opened.version)
    assert place.stat().st_mode & 0o777 == 0o755
