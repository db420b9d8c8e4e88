"""Bytes from here to there and back, until both sides have said all."""

from __future__ import annotations

import asyncio
import base64
import os
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from urllib.parse import unquote, urlsplit

CHUNK = 256 * 1024
PATIENCE = 30.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PROXIES = ("HTTPS_PROXY", "https_proxy")


class NoWayError(Exception):
    """The other side cannot be reached."""


async def join(
    one: tuple[StreamReader, StreamWriter], two: tuple[StreamReader, StreamWriter]
) -> None:
    await asyncio.gather(_pour(one[0], two[1]), _pour(two[0], one[1]), return_exceptions=True)
    for _, writer in (one, two):
        with suppress(OSError):
            writer.close()


async def _pour(source: StreamReader, sink: StreamWriter) -> None:
    try:
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
        else:
            sink.close()
    except (OSError, asyncio.IncompleteReadError):
        sink.close()


async def outwards(host: str, port: int) -> tuple[StreamReader, StreamWriter]:
    """To a host that is no business of ours; by the proxy of this machine, if it has one."""
    proxy = next((os.environ[name] for name in PROXIES if os.environ.get(name)), "")
    if host in LOOPBACK:
        proxy = ""
    try:
        async with asyncio.timeout(PATIENCE):
            if proxy:
                return await _by_proxy(proxy, host, port)
            return await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        raise NoWayError(str(error) or "no answer") from None


async def _by_proxy(proxy: str, host: str, port: int) -> tuple[StreamReader, StreamWriter]:
    parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 3128)
    lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
    if parts.username:
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(who).decode()}")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0] + b" ":
        writer.close()
        raise NoWayError(head.partition(b"\r\n")[0].decode("latin-1"))
    return reader, writer
