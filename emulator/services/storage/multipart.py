"""`multipart/related`: an object's metadata and its bytes in one request body."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.parser import BytesHeaderParser
from typing import Any

from emulator.services.storage.ask import LARGEST_JSON, Ask, bad, parse_json

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)


class Related:
    """The two parts of one body: read the head, then the media."""

    def __init__(self, ask: Ask) -> None:
        found = _BOUNDARY.search(ask.header(b"content-type"))
        if found is None:
            raise bad("Missing multipart boundary.")
        self._ask = ask
        self._line = b"--" + found[1].encode("latin-1")
        self._rest = b""
        self._end = b"\r\n"
        """How this client ends its lines; gcsfs takes the shorter way."""

    async def head(self) -> tuple[dict[str, Any], str]:
        """(metadata, content type of the media)"""
        buffer = bytearray()
        while (found := self._split(buffer)) is None:
            chunk = await self._ask.chunk()
            if chunk is None or len(buffer) > LARGEST_JSON:
                raise bad("Malformed multipart body.")
            buffer += chunk
        metadata, kind, start = found
        self._rest = bytes(buffer[start:])
        return parse_json(metadata), kind

    def _split(self, buffer: bytearray) -> tuple[bytes, str, int] | None:
        """Metadata, media type and where the media begins, once all that is there."""
        first = _end_of_headers(buffer, buffer.find(self._line))
        if first < 0:
            return None
        border = buffer.find(b"\n" + self._line, first)
        if border < 0:
            return None
        self._end = b"\r\n" if buffer[border - 1 : border] == b"\r" else b"\n"
        second = _end_of_headers(buffer, border)
        if second < 0:
            return None
        parser = BytesHeaderParser()
        headers = buffer[buffer.find(b"\n", border + 1) + 1 : second]
        kind = parser.parsebytes(bytes(headers)).get("content-type", "")
        return bytes(buffer[first:border]), kind, second

    async def media(self) -> AsyncIterator[bytes]:
        """The bytes of the second part; the closing line is held back and taken off."""
        closing = self._end + self._line + b"--"
        held = self._rest
        keep = len(closing) + 4
        while (chunk := await self._ask.chunk()) is not None:
            held += chunk
            if len(held) > keep:
                yield held[:-keep]
                held = held[-keep:]
        end = held.rfind(closing)
        if end < 0:
            raise bad("Malformed multipart body.")
        yield held[:end]


def _end_of_headers(buffer: bytearray, start: int) -> int:
    if start < 0:
        return -1
    ends = (_after(buffer, blank, start) for blank in (b"\r\n\r\n", b"\n\n"))
    return min((end for end in ends if end >= 0), default=-1)


def _after(buffer: bytearray, part: bytes, start: int) -> int:
    found = buffer.find(part, start)
    return found + len(part) if found >= 0 else -1
