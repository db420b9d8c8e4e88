"""A file's bytes from the page cache to a client's socket, without passing through Python.

`scope["extensions"][EXTENSION]` is there on real connections; a handler that has sent its head
calls it for the body, and then ends the answer with an empty one.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

EXTENSION = "blocklift.sendfile"
STEP = 1024 * 1024
"""Bytes after which the loop's other work has its turn."""
SHORTEST, LONGEST = 0.0005, 0.05
"""Seconds between two looks at a full socket: uvloop watches it already and takes no second
watcher. Its buffer holds two megabytes, so half a millisecond never lets a quick client wait.
"""


class FileSender:
    """The way out of one answer: uvicorn's cycle and the transport below it."""

    def __init__(self, cycle: Any, transport: Any) -> None:
        self._cycle = cycle
        self._transport = transport

    async def __call__(self, file: int, start: int, count: int) -> None:
        """ConnectionResetError when the client goes away."""
        try:
            self._transport.let_go()
            await self._emptied()
            await self._send(file, start, start + count)
        except OSError:
            self._cycle.disconnected = True
            self._transport.close()
            raise
        self._cycle.expected_content_length -= count

    async def _emptied(self) -> None:
        """What was written before has left."""
        while self._transport.get_write_buffer_size():
            self._check()
            await asyncio.sleep(SHORTEST)

    async def _send(self, file: int, start: int, end: int) -> None:
        pause = 0.0
        while start < end:
            self._check()
            sent = self._some(file, start, min(STEP, end - start))
            start += sent
            pause = 0.0 if sent else min(LONGEST, max(SHORTEST, 2 * pause))
            await asyncio.sleep(pause)

    def _some(self, file: int, start: int, count: int) -> int:
        """As much as the socket takes now."""
        socket = self._transport.get_extra_info("socket").fileno()
        try:
            sent = os.sendfile(socket, file, start, count)
        except BlockingIOError:
            return 0
        if not sent:
            raise ConnectionResetError("the file ended early")
        return sent

    def _check(self) -> None:
        if self._transport.is_closing():
            raise ConnectionResetError("the client went away")
