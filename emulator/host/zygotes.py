"""The host's end of zygotes: one process per set of libraries, and its commands."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from emulator.host import wire
from emulator.host.environment import Core, Environment
from emulator.host.errors import StartError

PROGRAM = Path(__file__).with_name("zygote.py")
CLEAN = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    # a pool of threads in a zygote would not survive the fork, so none is made
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


@dataclass(slots=True)
class Fork:
    """A process that a zygote was asked for."""

    channel: socket.socket
    out: int
    err: int
    ended: asyncio.Future[int]
    """Its wait status (`os.waitstatus_to_exitcode` reads it)."""
    kill: Callable[[int], None]


@dataclass(slots=True)
class Zygote:
    """One running zygote."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    ready: asyncio.Future[None]
    on_end: Callable[[], None]
    _forks: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _buffer: bytearray = field(default_factory=bytearray)

    def listen(self) -> None:
        asyncio.get_running_loop().add_reader(self.control, self._hear)

    def fork(self) -> Fork:
        number = next(self._numbers)
        channel, far = socket.socketpair()
        out, out_far = os.pipe()
        err, err_far = os.pipe()
        ended = asyncio.get_running_loop().create_future()
        self._forks[number] = ended
        try:
            message = wire.COMMAND.pack(wire.SPAWN, number, 0)
            socket.send_fds(self.control, [message], [far.fileno(), out_far, err_far])
        except OSError as error:
            for end in (out, err):
                os.close(end)
            channel.close()
            raise StartError(f"The process that starts functions is gone: {error}") from None
        finally:
            far.close()
            os.close(out_far)
            os.close(err_far)
        channel.setblocking(False)
        return Fork(channel, out, err, ended, lambda how: self._kill(number, how))

    def _kill(self, number: int, how: int) -> None:
        if number in self._forks:
            try:
                self.control.send(wire.COMMAND.pack(wire.KILL, number, how))
            except OSError:
                self.end()

    def _hear(self) -> None:
        try:
            data = self.control.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end()
            return
        self._buffer += data
        while len(self._buffer) >= wire.COMMAND.size:
            self._take(*wire.COMMAND.unpack_from(self._buffer))
            del self._buffer[: wire.COMMAND.size]

    def _take(self, verb: bytes, number: int, value: int) -> None:
        if verb == wire.READY and not self.ready.done():
            self.ready.set_result(None)
        elif verb == wire.EXITED and (ended := self._forks.pop(number, None)):
            ended.set_result(value)

    def end(self) -> None:
        """Close the control socket: the zygote kills its children and goes."""
        if self.control.fileno() == -1:
            return
        asyncio.get_running_loop().remove_reader(self.control)
        self.control.close()
        if not self.ready.done():
            self.ready.set_exception(StartError("The process that starts functions did not start."))
            self.ready.exception()
        for ended in self._forks.values():
            ended.set_result(signal.SIGKILL)
        self._forks.clear()
        self.on_end()


class Zygotes:
    """A zygote for each set of libraries, started when first asked for."""

    def __init__(self) -> None:
        self._live: dict[Core, Zygote] = {}
        self._leaving: list[Zygote] = []

    async def for_(self, environment: Environment) -> Zygote:
        """Ready to fork. What only the function itself may import is up to its own guard."""
        key = environment.core
        if key not in self._live:
            self._live[key] = self._start(key)
        zygote = self._live[key]
        await asyncio.shield(zygote.ready)
        return zygote

    def _start(self, key: Core) -> Zygote:
        near, far = socket.socketpair()
        process = launch(key, far)
        near.setblocking(False)

        def forget() -> None:
            self._leaving.append(self._live.pop(key))

        zygote = Zygote(process, near, asyncio.get_running_loop().create_future(), forget)
        zygote.listen()
        return zygote

    async def stop(self) -> None:
        for zygote in list(self._live.values()):
            zygote.end()
        for zygote in self._leaving:
            await asyncio.to_thread(bury, zygote.process)
        self._leaving.clear()


def launch(core: Core, far: socket.socket) -> subprocess.Popen[bytes]:
    """Isolated from the user's own Python settings; what it prints goes to our stderr."""
    setup = {
        "path": core.folders,
        "base": core.base,
        "roots": sorted(core.roots),
        "names": sorted(core.names),
        "preload": core.preload,
    }
    home = tempfile.gettempdir()
    with far, tempfile.TemporaryFile() as given:
        given.write(json.dumps(setup).encode())
        given.seek(0)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), str(far.fileno())],
            stdin=given,
            stdout=2,
            pass_fds=[far.fileno()],
            env={**CLEAN, "HOME": home},
            cwd=home,
            start_new_session=True,
        )


def bury(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
