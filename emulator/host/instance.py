"""The host's end of one function instance: its start, its connections, its output, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from emulator.host.errors import InstanceDied, StartError
from emulator.host.lines import Lines
from emulator.host.wire import LENGTHS
from emulator.host.zygotes import Fork

PAGE = os.sysconf("SC_PAGE_SIZE")
Sink = Callable[[str, dict[str, Any]], None]
"""Takes a log entry of a stream: stdout, stderr or varlog/system."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the function said."""

    code: int
    headers: list[tuple[str, str]]
    body: bytes


def frame(meta: Any, body: bytes = b"") -> bytes:
    """As `wire.frame`, faster: orjson is there on this side."""
    text = orjson.dumps(meta)
    return b"".join((LENGTHS.pack(len(text), len(body)), text, body))


class Connection(asyncio.Protocol):
    """One request at a time to one instance."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Reply] | None = None
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, data: bytes) -> asyncio.Future[Reply]:
        self._waiting = asyncio.get_running_loop().create_future()
        if self._transport.is_closing():
            self._waiting.set_exception(InstanceDied())
        else:
            self._transport.write(data)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) < LENGTHS.size or self._waiting is None:
            return
        head, body = LENGTHS.unpack_from(self._buffer)
        start = LENGTHS.size + head
        if len(self._buffer) < start + body:
            return
        code, headers = orjson.loads(memoryview(self._buffer)[LENGTHS.size : start])
        reply = Reply(code, headers, bytes(self._buffer[start : start + body]))
        self._buffer.clear()
        if not self._waiting.done():
            self._waiting.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(InstanceDied())

    def close(self) -> None:
        self._transport.close()


class Output:
    """One stream of a function: every line in the log before the answer that follows it."""

    def __init__(self, name: str, descriptor: int, sink: Sink) -> None:
        self._name = name
        self._descriptor = descriptor
        self._sink = sink
        self._lines = Lines()
        os.set_blocking(descriptor, False)
        asyncio.get_running_loop().add_reader(descriptor, self.drain)

    def drain(self) -> None:
        """Take all that is there."""
        while self._descriptor >= 0:
            try:
                data = os.read(self._descriptor, 65536)
            except BlockingIOError:
                return
            for entry in self._lines.feed(data):
                self._sink(self._name, entry)
            if not data:
                self.close()
            if len(data) < 65536:
                return

    def close(self) -> None:
        if self._descriptor < 0:
            return
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1
        for entry in self._lines.close():
            self._sink(self._name, entry)


class Instance:
    """A running process of one revision."""

    def __init__(self, fork: Fork, sink: Sink, on_end: Callable[[Instance], None]) -> None:
        self._fork = fork
        self._sink = sink
        self._on_end = on_end
        self._idle: list[Connection] = []
        self._all: list[Connection] = []
        self._stopping = False
        self.alive = True
        self.busy = 0
        """Requests inside."""
        self.pid = 0
        self._outputs = (Output("stdout", fork.out, sink), Output("stderr", fork.err, sink))
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        fork.ended.add_done_callback(self._ended)

    async def start(self, config: Mapping[str, Any]) -> None:
        """StartError with the reason when the user's code cannot be imported."""
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(self._fork.channel, frame(config))
            head, _ = LENGTHS.unpack(await self._receive(LENGTHS.size))
            said = orjson.loads(await self._receive(head))
        except (EOFError, ConnectionError):
            await self.ended()
            raise StartError(how_it_ended(self._fork.ended.result())) from None
        if "error" in said:
            await self.ended()
            raise StartError(said["error"])
        self.pid = said["ready"]

    async def _receive(self, size: int) -> bytes:
        loop = asyncio.get_running_loop()
        data = b""
        while len(data) < size:
            more = await loop.sock_recv(self._fork.channel, size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    async def connection(self) -> Connection:
        if self._idle:
            return self._idle.pop()
        near, far = socket.socketpair()
        with far:
            try:
                socket.send_fds(self._fork.channel, [b"c"], [far.fileno()])
            except OSError:
                near.close()
                raise InstanceDied from None
        near.setblocking(False)
        loop = asyncio.get_running_loop()
        _, made = await loop.create_unix_connection(Connection, sock=near)
        self._all.append(made)
        return made

    def give_back(self, connection: Connection) -> None:
        self._idle.append(connection)

    def drain(self) -> None:
        for output in self._outputs:
            output.drain()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._stopping = True
        if self.alive:
            self._fork.kill(how)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def kill_for_memory(self, limit: int) -> None:
        """If it holds more than `limit` bytes, as a container of that size would be."""
        used = memory_of(self.pid)
        if used > limit and self.alive:
            text = (
                f"Memory limit of {limit >> 20} MiB exceeded with {used >> 20} MiB used. Consider "
                "increasing the memory limit, see "
                "https://cloud.google.com/functions/docs/configuring/memory"
            )
            self._sink("varlog/system", {"severity": "ERROR", "textPayload": text})
            self.kill()

    async def ended(self) -> None:
        """Until it is gone and all that it said is in the log."""
        await asyncio.shield(self._over)

    def _ended(self, ended: asyncio.Future[int]) -> None:
        self.alive = False
        self.drain()
        for output in self._outputs:
            output.close()
        if not self._stopping:
            self._sink("varlog/system", {"textPayload": how_it_ended(ended.result())})
        for connection in self._all:
            connection.close()
        self._fork.channel.close()
        self._over.set_result(None)
        self._on_end(self)


def memory_of(pid: int) -> int:
    """Resident bytes; 0 where the system does not tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * PAGE


def how_it_ended(status: int) -> str:
    """In Cloud Run's words."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"Container terminated on signal {-code}."
    return f"Container called exit({code})."
