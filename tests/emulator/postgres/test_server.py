"""The embedded Postgres as its users meet it: real programs, real connections."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from emulator.postgres.account import Account
from emulator.postgres.binaries import Binaries
from emulator.postgres.cluster import Connection
from emulator.postgres.errors import DiskFull, NoBinaries, OtherVersion, PostgresError
from emulator.postgres.server import Server

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the tests that only need some server: making one takes a second."""
    return tmp_path_factory.mktemp("emulator") / "postgres"


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def server(folder: Path, runner: asyncio.Runner) -> Iterator[Server]:
    server = Server(folder)
    yield server
    runner.run(server.stop())


def connect(to: Connection, password: str | None = None) -> psycopg.Connection:
    return psycopg.connect(
        host=to.host, port=to.port, dbname=to.dbname, user=to.user,
        password=to.password if password is None else password, autocommit=True,
    )  # fmt: skip


def test_it_starts_keeps_its_data_and_its_port(server: Server, runner: asyncio.Runner) -> None:
    first = runner.run(server.start())
    with closing(connect(first)) as db:
        db.execute("create table kept as select 42 as answer")
    runner.run(server.stop())
    assert server.state()["state"] == "STOPPED"

    again = runner.run(server.start())
    assert again == first
    with closing(connect(again)) as db:
        assert db.execute("select answer from kept").fetchone() == (42,)


def test_a_wrong_password_is_refused(server: Server, runner: asyncio.Runner) -> None:
    connection = runner.run(server.start())
    for wrong in ("guess", "x" * 32):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(connection, wrong)


def test_nobody_else_can_read_the_password_or_the_data(
    server: Server, runner: asyncio.Runner
) -> None:
    runner.run(server.start())
    for name, mode in (("connection.json", 0o600), ("log", 0o600), ("cluster", 0o700)):
        assert stat.S_IMODE((server.folder / name).stat().st_mode) == mode
    assert "password" not in server.state()


def test_it_listens_on_loopback_only(server: Server, runner: asyncio.Runner) -> None:
    connection = runner.run(server.start())
    with closing(connect(connection)) as db:
        shown = [
            db.execute(f"show {name}").fetchone()
            for name in ("listen_addresses", "unix_socket_directories", "fsync")
        ]
    assert shown == [("127.0.0.1",), ("",), ("off",)]


def test_many_who_ask_at_once_get_one_server(server: Server, runner: asyncio.Runner) -> None:
    async def all_at_once() -> list[Connection]:
        return await asyncio.gather(*(server.start() for _ in range(8)))

    assert len(set(runner.run(all_at_once()))) == 1


def test_another_port_is_taken_when_its_own_is_occupied(
    server: Server, runner: asyncio.Runner
) -> None:
    before = runner.run(server.start())
    runner.run(server.stop())
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind((before.host, before.port))
        squatter.listen()
        after = runner.run(server.start())
        assert after.port != before.port
        connect(after).close()


def test_a_server_that_was_killed_is_started_again(server: Server, runner: asyncio.Runner) -> None:
    connection = runner.run(server.start())
    pid = int((server.folder / "cluster" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not server.up)
    again = runner.run(server.start())
    assert again.password == connection.password
    connect(again).close()


def test_it_dies_with_an_emulator_that_is_killed(folder: Path, runner: asyncio.Runner) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path\n"
        "from emulator.postgres.server import Server\n"
        "async def main():\n"
        "    print((await Server(Path(sys.argv[1])).start()).port, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    emulator = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert emulator.stdout is not None
    with emulator, emulator.stdout:
        port = int(emulator.stdout.readline())
        emulator.kill()
    server = Server(folder)
    try:
        connection = runner.run(server.start())  # at once: the old one may still be going down
        connect(connection).close()
    finally:
        runner.run(server.stop())
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_lock_file_with_somebody_elses_number_is_no_obstacle(
    server: Server, runner: asyncio.Runner
) -> None:
    runner.run(server.start())
    lock = server.folder / "cluster" / "postmaster.pid"
    kept = lock.read_text().splitlines()
    runner.run(server.stop())
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with bystander:
        lock.write_text("\n".join([str(bystander.pid), *kept[1:]]))
        connect(runner.run(server.start())).close()
        assert bystander.poll() is None


def test_without_programs_it_says_what_to_install(tmp_path: Path, runner: asyncio.Runner) -> None:
    with pytest.raises(NoBinaries, match=r"Install .*io_config\.yaml"):
        runner.run(Server(tmp_path, find=list).start())


def test_data_of_a_version_that_is_not_installed(tmp_path: Path, runner: asyncio.Runner) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(OtherVersion, match=r"belongs to Postgres 9.*Install Postgres 9"):
        runner.run(Server(tmp_path).start())


def test_a_full_disk_is_named(tmp_path: Path, runner: asyncio.Runner) -> None:
    full = fake_binaries(tmp_path, "echo 'could not write: No space left on device'; exit 1")
    with pytest.raises(DiskFull, match="Free some space"):
        runner.run(Server(tmp_path / "data", find=lambda: [full], account=Account()).start())


def test_a_start_that_fails_leaves_nothing_half_made(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    broken = fake_binaries(tmp_path, "echo 'initdb: error: the moon is wrong'; exit 1")
    with pytest.raises(PostgresError, match="the moon is wrong"):
        runner.run(Server(tmp_path / "data", find=lambda: [broken], account=Account()).start())
    server = Server(tmp_path / "data")
    connect(runner.run(server.start())).close()
    runner.run(server.stop())


def fake_binaries(tmp_path: Path, script: str) -> Binaries:
    for name in ("initdb", "postgres"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return Binaries(tmp_path, 18)


def wait_until(happened, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
