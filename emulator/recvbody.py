"""A long request body from a client's socket by a thread, past the parser and the event loop.

Through them each byte is copied five times by the one thread that serves everybody.
`scope["extensions"][EXTENSION]` is there for bodies of a known length from `LEAST` on; a handler
that asks it once must take the whole body from it. The parser knows nothing of those bytes, so the
connection ends with the answer (`connection: close`).
"""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Mapping
from typing import Any

EXTENSION = "blocklift.recvbody"
LEAST = 8 * 1024 * 1024
STEP = 1024 * 1024
PATIENCE = 5
"""Milliseconds for which a thread waits for more: they are few."""
LONGEST = 0.05
"""Seconds between two looks at a silent socket: uvloop watches it and takes no second watcher."""


class BodyReceiver:
    """The way in of one body: uvicorn's cycle and the transport below it."""

    def __init__(self, cycle: Any, transport: Any, flow: Any, length: int) -> None:
        self._cycle = cycle
        self._transport = transport
        self._flow = flow
        self._left = length
        self._begun = False

    async def piece(self) -> bytes | None:
        """The next bytes; None after the last; ConnectionResetError when the client goes away."""
        data = self._parsed() if not self._begun else b""
        if not self._left and not data:
            return None
        data = data or await self._received()
        self._left -= len(data)
        return data

    def _parsed(self) -> bytes:
        """From here on nobody else reads; what the parser has read before."""
        cycle = self._cycle
        self._flow.pause_reading()
        if cycle.waiting_for_100_continue:
            cycle.waiting_for_100_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._begun, cycle.keep_alive = True, False
        data, cycle.body = bytes(cycle.body), bytearray()
        return data

    async def _received(self) -> bytes:
        pause = 0.0
        while not self._transport.is_closing():
            socket = os.dup(self._transport.get_extra_info("socket").fileno())
            if data := await asyncio.to_thread(_take, socket, min(STEP, self._left)):
                return data
            pause = min(LONGEST, max(PATIENCE / 1000, 2 * pause))
            await asyncio.sleep(pause)
        raise ConnectionResetError("the client went away")


def _take(socket: int, most: int) -> bytes:
    """At most so many bytes, fewer when no more come; the descriptor is this call's own."""
    pieces: list[bytes] = []
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    try:
        while most and poll.poll(PATIENCE):
            data = os.read(socket, most)
            if not data:
                raise ConnectionResetError("the client went away")
            pieces.append(data)
            most -= len(data)
    finally:
        os.close(socket)
    return b"".join(pieces)


def length_of(headers: Mapping[bytes, bytes]) -> int:
    """Of a body that is told beforehand; 0 otherwise."""
    told = headers.get(b"content-length", b"")
    return int(told) if told.isdigit() and b"transfer-encoding" not in headers else 0
