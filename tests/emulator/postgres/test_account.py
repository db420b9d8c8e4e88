"""Running as root and as an ordinary user, with programs and data out of others' reach."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from emulator.postgres import binaries
from emulator.postgres.account import Account, current, reachable
from emulator.postgres.errors import Broken
from emulator.postgres.server import Server

ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can become somebody else")
START = """
import asyncio, os, sys
from pathlib import Path
from emulator.postgres.server import Server
async def main():
    server = Server(Path(sys.argv[1]))
    await server.start()
    print(os.geteuid(), server.state()["state"], server._cluster.running() is not None)
    await server.stop()
asyncio.run(main())
"""


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that everybody can walk through, unlike pytest's own."""
    place = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="blocklift-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@as_root
def test_for_root_the_server_belongs_to_nobody(tmp_path: Path) -> None:
    async def owners() -> tuple[int, int]:
        server = Server(tmp_path / "postgres")
        await server.start()
        files = server.folder / "cluster"
        pid = int((files / "postmaster.pid").read_text().split()[0])
        try:
            return files.stat().st_uid, Path(f"/proc/{pid}").stat().st_uid
        finally:
            await server.stop()

    tmp_path.chmod(0o700)
    assert asyncio.run(owners()) == (current().uid, current().uid)


def python_for_all() -> str | None:
    """An interpreter of this version that an ordinary user may run; root's may lie in /root."""
    for program in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            shown = subprocess.run(
                [program, "--version"], user=65534, capture_output=True, text=True, check=True
            ).stdout
        except OSError:
            continue
        if f"Python 3.{sys.version_info.minor}." in shown:
            return program
    return None


@as_root
def test_an_ordinary_user_runs_it_as_himself(open_place: Path) -> None:
    python = python_for_all()
    if python is None:
        pytest.skip("no interpreter that ordinary users may run")
    data = open_place / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    packages = f"{ROOT}:{Path(psycopg.__file__).parents[1]}"
    done = subprocess.run(
        [python, "-c", START, str(data / "postgres")], user=65534, group=65534, extra_groups=[],
        env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": packages}, cwd=data,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["65534", "RUNNING", "True"], done.stderr


@as_root
def test_programs_that_nobody_may_read_are_copied_and_work(
    tmp_path: Path, open_place: Path
) -> None:
    newest = binaries.choose(binaries.find(), None, tmp_path)
    hidden = tmp_path / "package" / newest.root.name
    shutil.copytree(newest.root, hidden, ignore=shutil.ignore_patterns("*.a", "include"))
    libraries = newest.libraries
    if libraries is not None:
        libraries = Path(shutil.copytree(libraries, tmp_path / libraries.name))
    tmp_path.chmod(0o700)
    secret = binaries.Binaries(hidden, newest.major, libraries)

    async def answer() -> object:
        server = Server(tmp_path / "data", find=lambda: [secret], copies=open_place)
        to = await server.start()
        try:
            with psycopg.connect(
                host=to.host, port=to.port, dbname=to.dbname, user=to.user, password=to.password
            ) as db:
                return db.execute("select 6 * 7").fetchone()
        finally:
            await server.stop()

    assert asyncio.run(answer()) == (42,)
    assert tmp_path.stat().st_mode & 0o077 == 0
    assert len(list(open_place.iterdir())) == 1


@as_root
def test_a_copy_that_somebody_else_may_write_to_is_not_run(
    tmp_path: Path, open_place: Path
) -> None:
    program = tmp_path / "bin" / "postgres"
    program.parent.mkdir()
    program.touch(mode=0o700)
    account, secret = Account(65534, 65534), binaries.Binaries(tmp_path, 18)
    copy = reachable(account, secret, open_place).root.parents[1]
    os.chown(copy, 65534, 65534)
    with pytest.raises(Broken, match="not root's"):
        reachable(account, secret, open_place)


def test_who_is_not_root_stays_who_he_is() -> None:
    somewhere = binaries.Binaries(Path("/nowhere"), 18)
    assert reachable(Account(), somewhere) is somewhere
