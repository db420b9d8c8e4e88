"""What an encoder gives: how to write the value, and how to call what is written."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any

from runtime.record import field, record

STREAMED = 32 << 20
"""A value whose bytes in memory are more is written in pieces, never held encoded."""


@record
class Encoded:
    """One value, ready to be written."""

    format: str
    extension: str
    write: Callable[[IO[bytes]], None]
    rows: int | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    weight: int = 0
    """About how many bytes it has in memory."""
    picture: bytes | None = None
    """PNG of what only Python can read."""

    @property
    def streamed(self) -> bool:
        return self.weight > STREAMED

    def data(self) -> bytes:
        buffer = io.BytesIO()
        self.write(buffer)
        return buffer.getvalue()


def whole(name: str, extension: str, data: bytes, **meta: Any) -> Encoded:
    """A value whose bytes are at hand."""

    def write(file: IO[bytes]) -> None:
        file.write(data)

    return Encoded(name, extension, write, meta=meta)


def as_file(source: bytes | IO[bytes]) -> IO[bytes]:
    return source if hasattr(source, "read") else io.BytesIO(source)  # type: ignore[return-value]  # the other half of the union


def as_bytes(source: bytes | IO[bytes]) -> bytes:
    return source.read() if hasattr(source, "read") else source
