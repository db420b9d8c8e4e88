"""uvicorn's HTTP protocol, writing the head of an answer together with its body.

Uvicorn writes them apart, so a client is woken twice for each small answer. A head whose body
is not there at once, as of a stream, leaves with the loop's next turn.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator import recvbody, sendfile
from emulator.recvbody import BodyReceiver
from emulator.sendfile import FileSender

STATUS = b"HTTP/1.1 "
END = b"\r\n\r\n"


class Cork:
    """A transport that keeps an answer's head back until the next write, or the next turn."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._held and data.startswith(STATUS) and data.endswith(END):
            self._held = data
            asyncio.get_running_loop().call_soon(self.let_go)
        elif self._held:
            held, self._held = self._held, b""
            self._transport.write(held + data)
        else:
            self._transport.write(data)

    def let_go(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def close(self) -> None:
        self.let_go()
        self._transport.close()


class CorkedProtocol(HttpToolsProtocol):
    """One connection of the emulator's port."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(Cork(transport))  # type: ignore[arg-type]  # it acts as one

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.scope["extensions"] = self._short_ways()

    def _short_ways(self) -> dict[str, Any]:
        ways: dict[str, Any] = {sendfile.EXTENSION: FileSender(self.cycle, self.transport)}
        length = recvbody.length_of(dict(self.headers))
        if length >= recvbody.LEAST:
            receiver = BodyReceiver(self.cycle, self.transport, self.flow, length)
            ways[recvbody.EXTENSION] = receiver
        return ways
