"""Finding a server: in the wheel, on PATH, where Debian keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.postgres.binaries import Binaries, choose, find
from emulator.postgres.errors import NoBinaries, OtherVersion

NO_WHEEL = "blocklift-no-such-wheel"


def install(root: Path, version: str) -> Path:
    for name in ("postgres", "initdb"):
        program = root / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return root


def test_the_wheel_brings_at_least_one(tmp_path: Path) -> None:
    found = find(path="", debian=tmp_path)
    assert found
    assert all(one.major >= 16 and (one.bin / "initdb").exists() for one in found)


def test_path_comes_before_debians_folder(tmp_path: Path) -> None:
    local = install(tmp_path / "local", "16.2")
    debian = tmp_path / "debian"
    install(debian / "15", "15.18 (Debian)")
    install(debian / "16", "16.9")
    found = find(path=str(local / "bin"), debian=debian, wheel=NO_WHEEL)
    assert found == [Binaries(local, 16), Binaries(debian / "15", 15)]


def test_something_that_is_no_server_is_passed_over(tmp_path: Path) -> None:
    install(tmp_path / "16", "one two three")
    (tmp_path / "15" / "bin").mkdir(parents=True)
    assert find(path="", debian=tmp_path, wheel=NO_WHEEL) == []


def test_new_data_gets_the_newest_and_old_data_its_own(tmp_path: Path) -> None:
    old, new = Binaries(tmp_path / "a", 16), Binaries(tmp_path / "b", 18)
    assert choose([old, new], None, tmp_path) is new
    assert choose([old, new], 16, tmp_path) is old
    with pytest.raises(OtherVersion, match=r"Postgres 15; installed: 16, 18"):
        choose([old, new], 15, tmp_path)
    with pytest.raises(NoBinaries):
        choose([], None, tmp_path)
