"""Small requests to the local cloud: plain HTTP/1.1 over kept connections, one write each.

A block's manifest takes a fraction of a millisecond to serve, so what a general client does
around it would be most of the time. Only whole, ordinary answers are read here; for anything
else the answer is None, and the caller asks again by the client that knows retries.
"""

from __future__ import annotations

import atexit
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import BinaryIO, NamedTuple

from runtime.record import mutable, record

PLAIN = "http://"
CONNECT, READ = 10.0, 300.0
"""Seconds to wait."""
IDLE = 30.0
"""Seconds after which a kept connection may have been closed at its other end."""


class Ask(NamedTuple):
    """One request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@record
class Reply:
    """One answer; the names of its headers are lower case."""

    status: int
    headers: Mapping[str, str]
    data: bytes


@mutable
class Connection:
    """To one host; carries one request at a time."""

    wire: socket.socket
    reader: BinaryIO
    used: float = 0.0

    @classmethod
    def to(cls, host: str) -> Connection:
        name, _, port = host.partition(":")
        wire = socket.create_connection((name, int(port or 80)), CONNECT)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.settimeout(READ)
        return cls(wire, wire.makefile("rb"))

    def close(self) -> None:
        self.reader.close()
        self.wire.close()


_kept: dict[str, deque[Connection]] = {}


@atexit.register
def _close() -> None:
    for kept in _kept.values():
        while kept:
            kept.pop().close()


def ask_all(asks: Sequence[Ask]) -> list[Reply | None]:
    """All are sent before the first answer is read, so they are served side by side."""
    begun = [(ask, _sent(ask)) for ask in asks]
    return [_answer(ask, connection) for ask, connection in begun]


def _sent(ask: Ask) -> Connection | None:
    if not ask.url.startswith(PLAIN) or not _is_one_word(ask.url):
        return None
    host, _, path = ask.url[len(PLAIN) :].partition("/")
    try:
        connection = _idle(host) or Connection.to(host)
        connection.wire.sendall(_request(ask, host, path))
    except (OSError, ValueError):
        return None
    return connection


def _is_one_word(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _request(ask: Ask, host: str, path: str) -> bytes:
    lines = [f"{ask.method} /{path} HTTP/1.1", f"Host: {host}", "Accept-Encoding: identity"]
    lines += [f"{name}: {value}" for name, value in ask.headers.items()]
    if ask.method != "GET":
        lines.append(f"Content-Length: {len(ask.body)}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + ask.body


def _idle(host: str) -> Connection | None:
    kept = _kept.setdefault(host, deque())
    while kept:
        connection = kept.pop()
        if time.monotonic() - connection.used < IDLE:
            return connection
        connection.close()
    return None


def _answer(ask: Ask, connection: Connection | None) -> Reply | None:
    if connection is None:
        return None
    try:
        reply = _read(connection.reader)
    except (OSError, ValueError, LookupError):
        connection.close()
        return None
    connection.used = time.monotonic()
    _kept[ask.url[len(PLAIN) :].partition("/")[0]].append(connection)
    return reply


def _read(reader: BinaryIO) -> Reply:
    """ValueError or LookupError unless the whole answer is there, its length told beforehand."""
    version, code, *_ = reader.readline().split(None, 2)
    if version != b"HTTP/1.1":
        raise ValueError(version)
    headers: dict[str, str] = {}
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    size = int(headers["content-length"])
    data = reader.read(size)
    if len(data) != size or headers.get("connection", "").lower() == "close":
        raise ValueError(size)
    return Reply(int(code), headers, data)
