"""Every starter is a sound Mage project that asks for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.check import check
from deployer.errors import UsageError
from deployer.load import survey
from deployer.starter import names, write


@pytest.mark.parametrize("name", names())
def test_check_finds_nothing(name: str, tmp_path: Path) -> None:
    write(tmp_path / "mine", name)
    project, problems = survey(tmp_path / "mine")
    assert project is not None
    assert [*problems, *check(project)] == []


def test_hidden_files_and_the_name_are_filled_in(tmp_path: Path) -> None:
    folder = tmp_path / "trips"
    written = {path.relative_to(folder).as_posix() for path in write(folder)}
    assert {".gitignore", ".env.example", "data/weather.csv", "utils/__init__.py"} <= written
    assert not any(path.endswith(".tmpl") for path in written)
    assert (folder / "README.md").read_text().startswith("# trips\n")
    assert ".env" in (folder / ".gitignore").read_text().split()


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        write(tmp_path)
    with pytest.raises(UsageError, match="not empty"):
        write(tmp_path / "notes.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert write(tmp_path, "empty")


def test_starters_are_named_when_one_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write(tmp_path / "mine", "whether")
    assert "weather" in caught.value.hint
