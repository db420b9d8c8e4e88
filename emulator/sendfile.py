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


class FileSender:
    """The way out of one answer: uvicorn's cycle and the transport below it."""

    def __init__(self, cycle: Any, transport: Any) -> None:
        self._cycle = cycle
        self._transport = transport

    async def __call__(self, file: int, start: int, count: int) -> None:
        """ConnectionResetError when the client goes away."""
        self._transport.let_go()
        while self._transport.get_write_buffer_size():
            if self._transport.is_closing():
                raise ConnectionResetError("the client went away")
            await asyncio.sleep(0.001)
        await _send(self._transport.get_extra_info("socket").fileno(), file, start, count)
        self._cycle.expected_content_length -= count


async def _send(socket: int, file: int, start: int, count: int) -> None:
    own = os.dup(socket)  # stays ours when the transport closes meanwhile
    end = start + count
    try:
        while start < end:
            try:
                sent = os.sendfile(own, file, start, min(STEP, end - start))
            except BlockingIOError:
                await _writable(own)
                continue
            if not sent:
                raise ConnectionResetError("the file ended early")
            start += sent
            await asyncio.sleep(0)
    except BrokenPipeError:
        raise ConnectionResetError("the client went away") from None
    finally:
        os.close(own)


async def _writable(socket: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_writer(socket, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_writer(socket)
