"""Real servers for these tests: the local cloud, and a MariaDB where Debian's is installed."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from runtime.web import identity
from tests.emulator.conftest import PROJECT, Emulator, emulator
from tests.runtime.fakes import FakeCloud
from tests.runtime.killed import bundle_in
from tests.runtime.mage_ai.io.clickhouse_server import clickhouse
from tests.runtime.project import BUCKET, Project

__all__ = [
    "bundle",
    "clickhouse_server",
    "dataset",
    "emulator",
    "google",
    "in_google",
    "lake",
    "mariadb",
]
_numbers = itertools.count()


@pytest.fixture
def google(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The local cloud as a function sees it, with the rights of the machine's owner."""
    host = emulator.url.removeprefix("http://")
    monkeypatch.setenv("API_ENDPOINT_OVERRIDE", emulator.url)
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", emulator.url)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator.url)
    monkeypatch.setenv("GCE_METADATA_HOST", host)
    monkeypatch.setenv("GCE_METADATA_IP", host)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    identity.__init__()  # type: ignore[misc]  # this process has been other functions before
    yield emulator
    identity.__init__()  # type: ignore[misc]


@pytest.fixture
def lake(google: Emulator) -> str:
    """A bucket of the local cloud."""
    return made_bucket(google, f"lake-{next(_numbers)}")


@pytest.fixture
def dataset() -> str:
    """A name for a dataset that no other test has."""
    return f"shop_{next(_numbers)}"


@pytest.fixture
def in_google(tmp_path: Path, google: Emulator) -> Project:
    """An empty project whose blocks leave their outputs in the local cloud."""
    made_bucket(google, BUCKET)
    made = Project(tmp_path, FakeCloud(), run=f"run-{next(_numbers)}")
    made.root.mkdir()
    return made


def made_bucket(cloud: Emulator, name: str) -> str:
    answer = cloud.post(f"/storage/v1/b?project={PROJECT}", {"name": name})
    assert answer.code in (200, 409), answer.body
    return name


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return bundle_in(tmp_path / "bundle")


@pytest.fixture(scope="session")
def clickhouse_server() -> Iterator[dict[str, object]]:
    """ClickHouse's own engine behind its HTTP interface; as a profile of io_config.yaml."""
    for name in ("chdb", "clickhouse_connect"):
        if not find_spec(name):
            pytest.skip(f"{name} is not installed: pip install chdb clickhouse-connect")
    with clickhouse() as port:
        yield {
            "CLICKHOUSE_DATABASE": "default", "CLICKHOUSE_HOST": "127.0.0.1",
            "CLICKHOUSE_PORT": port, "CLICKHOUSE_USERNAME": "default",
            "CLICKHOUSE_INTERFACE": "http",
        }  # fmt: skip


@dataclass(frozen=True)
class Maria:
    """A server that lets root in without a password, on this machine only."""

    port: int
    database: str = "shop"

    def flat(self) -> dict[str, object]:
        """As a profile of io_config.yaml."""
        return {
            "MYSQL_DATABASE": self.database, "MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": self.port,
            "MYSQL_USER": "shop", "MYSQL_PASSWORD": "correct horse",
        }  # fmt: skip


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maria]:
    """Debian's server on a folder of its own."""
    if not shutil.which("mariadbd"):
        pytest.skip("mariadbd is not installed: apt-get install mariadb-server")
    root = tmp_path_factory.mktemp("mariadb")
    port = _free_port()
    with (root / "log").open("wb") as log:
        child = subprocess.Popen(_command(root, port), stdout=log, stderr=log)
    try:
        _wait(port, child, root / "log")
        yield Maria(port)
    finally:
        child.terminate()
        child.wait(30)


def _command(root: Path, port: int) -> list[str]:
    """System tables are made first, then the account of these tests by the server itself."""
    data = root / "data"
    owner = ["--user=root"] if os.getuid() == 0 else []
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    subprocess.run(
        [*install, *owner, "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    first = root / "first.sql"
    first.write_text(
        "CREATE DATABASE shop;\nCREATE DATABASE other;\n"
        "CREATE USER shop@localhost IDENTIFIED BY 'correct horse';\n"
        "GRANT ALL ON *.* TO shop@localhost;\n"
    )
    return [
        "mariadbd", "--no-defaults", f"--datadir={data}", "--bind-address=127.0.0.1",
        f"--port={port}", f"--socket={root}/s", f"--init-file={first}", *owner,
        "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0",
        "--skip-log-bin", "--performance-schema=off", "--skip-name-resolve=0",
    ]  # fmt: skip


def _wait(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert child.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
