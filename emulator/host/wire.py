"""How host and function process speak: frames of JSON and bytes over a socket pair.

A frame is two lengths (big endian), a JSON value and raw bytes. The first frame that a new
process gets is its configuration, its first answer says whether it started; after that each
connection carries one request and one answer at a time. Standard library only: this module
is loaded on both sides.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

LENGTHS = struct.Struct("!II")
COMMAND = struct.Struct("!cII")
"""What travels on a zygote's control socket: verb, instance, number."""

SPAWN, KILL, READY, SPAWNED, EXITED = b"S", b"K", b"R", b"P", b"X"


def frame(meta: Any, body: bytes = b"") -> bytes:
    text = json.dumps(meta, separators=(",", ":")).encode()
    return b"".join((LENGTHS.pack(len(text), len(body)), text, body))


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """`size` bytes; EOFError when the other side is gone."""
    parts = bytearray(size)
    view = memoryview(parts)
    have = 0
    while have < size:
        count = connection.recv_into(view[have:])
        if not count:
            raise EOFError
        have += count
    return bytes(parts)


def read_frame(connection: socket.socket) -> tuple[Any, bytes]:
    meta, body = LENGTHS.unpack(read_exactly(connection, LENGTHS.size))
    return json.loads(read_exactly(connection, meta)), read_exactly(connection, body)
