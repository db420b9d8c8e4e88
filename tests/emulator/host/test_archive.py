"""What a zip may hold, and what it may not."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from emulator.host.archive import check, unpack
from emulator.host.errors import BuildError


def packed(folder: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    path = folder / "source.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_unpacks_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    archive = packed(tmp_path, ("main.py", b"x = 1"), ("a/b/c.txt", b"deep"))
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out/a/b/c.txt").read_bytes() == b"deep"
    assert stat.S_IMODE((tmp_path / "out/main.py").stat().st_mode) == 0o400
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil", "a/../../evil", "..\\evil", "a/../../../tmp/x"]
)
def test_refuses_paths_that_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(BuildError, match="leaves it"):
        unpack(packed(tmp_path, ("main.py", b""), (name, b"x")), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_refuses_links(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("passwords")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(BuildError, match="no file"):
        unpack(packed(tmp_path, (link, b"/etc/passwd")), tmp_path / "out")


def test_refuses_a_bomb_by_what_it_says() -> None:
    entries = [zipfile.ZipInfo(f"{number}.bin") for number in range(6)]
    for entry in entries:
        entry.file_size = 100 * 10**6
    check(entries[:5])
    with pytest.raises(BuildError, match="larger than 500 MB"):
        check(entries)


def test_refuses_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    archive = packed(tmp_path, ("main.py", bytes(10**6)))
    content = archive.read_bytes()
    archive.write_bytes(content.replace((10**6).to_bytes(4, "little"), b"\x01\0\0\0"))
    with pytest.raises(BuildError, match="not a readable zip"):
        unpack(archive, tmp_path / "out")


def test_refuses_what_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "source.zip"
    path.write_bytes(b"not at all")
    with pytest.raises(BuildError, match="not a readable zip"):
        unpack(path, tmp_path / "out")


def test_refuses_the_same_file_twice(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("b", b"2")
    path = tmp_path / "source.zip"
    path.write_bytes(raw.getvalue().replace(b"b", b"a"))
    with pytest.raises(BuildError, match="twice"):
        unpack(path, tmp_path / "out")
