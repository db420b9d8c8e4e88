"""The data folder of one embedded server: what is in it, and how it is made.

<folder>/connection.json   port and password, readable by the emulator's account alone
<folder>/log               what the server said since it was last started
<folder>/cluster/          Postgres' own files; their owner is the account it runs as
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from emulator.postgres import launch
from emulator.postgres.account import Account, handed_over
from emulator.postgres.binaries import Binaries
from emulator.postgres.errors import explain

HOST = "127.0.0.1"
SETTINGS = {
    "fsync": "off",  # nothing here must survive a power cut
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",  # every function process may hold some
    "shared_buffers": "128MB",
    "dynamic_shared_memory_type": "mmap",  # /dev/shm is tiny in containers
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "unix_socket_directories": "",
    "listen_addresses": HOST,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """What a client needs to know."""

    host: str
    port: int
    dbname: str
    user: str
    password: str

    def to_json(self) -> dict[str, str | int]:
        return asdict(self)


def prefix(account: Account) -> list[str]:
    """The command line that turns into the one after it, as this account."""
    launcher = str(Path(launch.__file__))
    who = [str(os.getpid()), str(account.uid), str(account.gid)]
    return [sys.executable, "-I", "-S", launcher, *who]


class Cluster:
    """One data folder. Everything here may take a while: call it off the event loop."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.folder = folder
        self.account = account
        self.files = folder / "cluster"
        self.log = folder / "log"
        self._facts = folder / "connection.json"

    @property
    def major(self) -> int | None:
        """Major version that wrote the data; None for a new folder."""
        try:
            return int((self.files / "PG_VERSION").read_text().split(".")[0])
        except FileNotFoundError:
            return None

    def connection(self) -> Connection:
        """As remembered; a password is made up on first use."""
        try:
            known = json.loads(self._facts.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            known = {"port": 0, "password": secrets.token_urlsafe(24)}
        return Connection(HOST, known["port"], "postgres", "postgres", known["password"])

    def on_free_port(self, connection: Connection) -> Connection:
        """The port of last time, or another one when somebody else took it."""
        chosen = replace(connection, port=_free_port(connection.port))
        self._remember(chosen)
        return chosen

    def _remember(self, connection: Connection) -> None:
        facts = {"port": connection.port, "password": connection.password}
        work = self._facts.with_suffix(".new")
        with open(work, "w", opener=_private) as file:
            json.dump(facts, file)
        work.replace(self._facts)

    def create(self, binaries: Binaries) -> None:
        """Made beside, then renamed: a folder half made is never taken for a whole one."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        work = self.folder / "cluster.new"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        self.account.own(work)
        connection = self.connection()
        self._remember(connection)
        self._initdb(binaries, work, connection.password)
        work.rename(self.files)

    def _initdb(self, binaries: Binaries, work: Path, password: str) -> None:
        with (
            handed_over(self.account, work) as (path, inherited),
            _file(self.account, password) as stdin,
        ):
            command = [*prefix(self.account), *_initdb_command(binaries, path)]
            done = subprocess.run(
                command, stdin=stdin, pass_fds=inherited, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/",
            )  # fmt: skip
        if done.returncode:
            self.log.write_text(done.stdout)
            raise explain("Making a database failed", self.folder, self.log, done.stdout)

    def serve(self, binaries: Binaries, port: int) -> subprocess.Popen[bytes]:
        """Start the server; it is not ready yet. Call it from a thread that lives on: the
        kernel takes the death of the thread that started a child for that of the process.
        """
        with (
            handed_over(self.account, self.files) as (path, inherited),
            open(self.log, "w", opener=_private) as log,
        ):
            command = [str(binaries.bin / "postgres"), "-D", path, "-p", str(port)]
            return subprocess.Popen(
                [*prefix(self.account), *command, *_settings(SETTINGS)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=inherited,
                cwd="/", start_new_session=True,
            )  # fmt: skip

    def running(self) -> tuple[int, bool] | None:
        """(pid, accepts connections) as the server itself writes it down in postmaster.pid."""
        try:
            lines = (self.files / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), len(lines) > 7 and lines[7].strip() == "ready"
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def _initdb_command(binaries: Binaries, path: str) -> list[str]:
    known = {name: SETTINGS[name] for name in ("max_connections", "shared_buffers")}
    return [
        str(binaries.bin / "initdb"), "-D", path, "-U", "postgres",
        "--auth-host=scram-sha-256", "--auth-local=reject", "--pwfile=/dev/stdin",
        "--locale=C", "--encoding=UTF8", "--no-sync",
        *(_settings(known) if binaries.major >= 16 else ()),  # so that it need not try them out
    ]  # fmt: skip


def _settings(settings: dict[str, str]) -> Sequence[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _file(account: Account, text: str) -> IO[bytes]:
    """An unnamed file that this account can read: how a password gets to it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    account.own(file.fileno())
    file.write(f"{text}\n".encode())
    file.seek(0)
    return file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
