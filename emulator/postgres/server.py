"""One server, started when first asked for, stopped with the emulator."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from emulator.postgres import binaries
from emulator.postgres.account import COPIES, Account, current, reachable
from emulator.postgres.binaries import Binaries
from emulator.postgres.cluster import Cluster, Connection
from emulator.postgres.errors import DiskFull, explain

PATIENCE = 30.0
"""Seconds for a start that must first repair what a crash left."""
_TICK = 0.005


@dataclass
class Server:
    """The embedded Postgres of one emulator."""

    folder: Path
    find: Callable[[], list[Binaries]] = binaries.find
    account: Account = field(default_factory=current)
    copies: Path = COPIES
    """Where programs go that the account may not read in place."""
    _process: subprocess.Popen[bytes] | None = None
    _connection: Connection | None = None
    _version: int | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._cluster = Cluster(self.folder, self.account)

    @property
    def up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def used(self) -> bool:
        """There is data of an earlier time."""
        return self._cluster.major is not None

    async def start(self) -> Connection:
        """Its connection, once it accepts any; the same server for all who ask."""
        async with self._lock:
            if not self.up or self._connection is None:
                try:
                    self._connection = await self._start()
                except OSError as error:
                    raise self._told(error) from error
            return self._connection

    def _told(self, error: OSError) -> Exception:
        if error.errno == 28:  # ENOSPC
            return DiskFull(self.folder)
        return explain("Postgres could not be started", self.folder, self._cluster.log, str(error))

    async def _start(self) -> Connection:
        programs = await asyncio.to_thread(self._prepare)
        await self._end_leftover()
        while True:
            connection = self._cluster.on_free_port(self._cluster.connection())
            self._process = self._cluster.serve(programs, connection.port)
            if await self._ready(self._process):
                self._version = programs.major
                return connection

    def _prepare(self) -> Binaries:
        """Programs that fit the data, and data when there is none."""
        found = binaries.choose(self.find(), self._cluster.major, self.folder)
        programs = reachable(self.account, found, self.copies)
        if self._cluster.major is None:
            self._cluster.create(programs)
        return programs

    async def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """False when somebody took the port in the last moment: try another one."""
        deadline = monotonic() + PATIENCE
        while process.poll() is None and monotonic() < deadline:
            if self._cluster.running() == (process.pid, True):
                return True
            await asyncio.sleep(_TICK)
        process.kill()
        said = self._cluster.said()
        if "could not bind" in said:
            return False
        raise explain("Postgres did not start", self.folder, self._cluster.log, said)

    async def _end_leftover(self) -> None:
        """The server of an emulator that was killed may still be on its way out."""
        running = self._cluster.running()
        if running is None:
            return
        pid = running[0]
        deadline = monotonic() + PATIENCE
        while _serves(pid, self._cluster.files) and monotonic() < deadline:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            await asyncio.sleep(_TICK * 4)
        (self._cluster.files / "postmaster.pid").unlink(missing_ok=True)

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, the data is kept."""
        async with self._lock:
            if self._process is not None and self.up:
                self._process.send_signal(signal.SIGINT)
                await asyncio.to_thread(self._wait_or_kill, self._process)
            self._process = self._connection = None

    def _wait_or_kill(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(10)

    def state(self) -> dict[str, str | int | None]:
        """Everything but the password."""
        known = self._connection
        return {
            "state": "RUNNING" if self.up else "STOPPED",
            "version": self._version if self.up else self._cluster.major,
            "data": str(self.folder),
            **({"host": known.host, "port": known.port, "dbname": known.dbname,
                "user": known.user} if known and self.up else {}),
        }  # fmt: skip


def _serves(pid: int, files: Path) -> bool:
    """Is this the server of that folder? A number may have been given to somebody else since.
    A server works inside its folder; where the kernel does not tell, its name must do.
    """
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == files.resolve()
    except ProcessLookupError:
        return False
    except OSError:
        return not Path("/proc/self").exists() and "postgres" in _name(pid)


def _name(pid: int) -> str:
    shown = subprocess.run(
        ["ps", "-o", "comm=", "-p", str(pid)],  # noqa: S607 - wherever this system keeps it
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return shown.stdout
