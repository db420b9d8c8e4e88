"""An object's bytes: whole or a range, in blocks, at the speed of the loopback."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from emulator.services.storage.ask import Ask, Headers, StorageError
from emulator.services.storage.catalog import Row
from emulator.services.storage.guard import Guard
from emulator.services.storage.preconditions import Preconditions
from emulator.services.storage.shelf import Shelf

BLOCK = 512 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PASSED_ON = {
    "cacheControl": b"cache-control",
    "contentDisposition": b"content-disposition",
    "contentLanguage": b"content-language",
}


class Downloads:
    """`alt=media`."""

    def __init__(self, shelf: Shelf, guard: Guard) -> None:
        self._shelf = shelf
        self._guard = guard

    async def send(self, ask: Ask, bucket: str, name: str) -> None:
        row = self.find(ask, bucket, name)
        resource = row.json()
        await self.answer(ask, row, resource, headers_of(row, resource))

    def find(self, ask: Ask, bucket: str, name: str) -> Row:
        row = self._guard.read(ask.caller, bucket, name, ask.number("generation"))
        Preconditions.of(ask.params).check_read(row)
        return row

    async def answer(self, ask: Ask, row: Row, resource: dict[str, Any], headers: Headers) -> None:
        """The bytes that were asked for, under these headers and those that follow from them."""
        path = self._shelf.file(row)
        if _must_unzip(resource, ask):
            await _send_unzipped(ask, headers, path)
            return
        size = int(resource["size"])
        wanted = _range(ask.header(b"range"), size)
        start, end = wanted or (0, size)
        headers = [*headers, (b"content-length", b"%d" % (end - start))]
        if encoding := resource.get("contentEncoding"):
            headers.append((b"content-encoding", encoding.encode()))
        if wanted:
            headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, size)))
        with path.open("rb", buffering=0) as file:
            await _begin(ask, 206 if wanted else 200, headers)
            await _send_span(ask, file, start, end)


async def _begin(ask: Ask, code: int, headers: Headers) -> None:
    await ask.send({"type": "http.response.start", "status": code, "headers": headers})


async def _send_span(ask: Ask, file: Any, start: int, end: int) -> None:
    if ask.method == "HEAD":
        start = end
    if end - start <= BLOCK:
        file.seek(start)
        await ask.send({"type": "http.response.body", "body": file.read(end - start)})
        return
    if ask.send_file:
        await ask.send_file(file.fileno(), start, end - start)
        await ask.send({"type": "http.response.body", "body": b""})
        return
    gone = asyncio.ensure_future(_gone(ask))
    try:
        file.seek(start)
        while start < end and not gone.done():
            block = await asyncio.to_thread(file.read, min(BLOCK, end - start))
            start += len(block)
            body = {"type": "http.response.body", "body": block, "more_body": start < end}
            await ask.send(body)
    finally:
        gone.cancel()


async def _gone(ask: Ask) -> None:
    """Ends when the client does: the rest of five gigabytes need not be read then."""
    while (await ask.receive())["type"] != "http.disconnect":
        pass


def headers_of(row: Row, resource: dict[str, Any], tag: str = "") -> Headers:
    """What every answer with an object's bytes says of it; `tag` in the place of its own ETag."""
    hashes = f"crc32c={resource['crc32c']}"
    if md5 := resource.get("md5Hash"):
        hashes += f",md5={md5}"
    headers = [
        (b"content-type", resource.get("contentType", "application/octet-stream").encode()),
        (b"etag", (tag or resource["etag"]).encode()),
        (b"last-modified", _http_date(resource["updated"])),
        (b"accept-ranges", b"bytes"),
        (b"x-goog-generation", b"%d" % row.generation),
        (b"x-goog-metageneration", b"%d" % row.metageneration),
        (b"x-goog-hash", hashes.encode()),
        (b"x-goog-storage-class", resource["storageClass"].encode()),
        (b"x-goog-stored-content-encoding", resource.get("contentEncoding", "identity").encode()),
        (b"x-goog-stored-content-length", resource["size"].encode()),
    ]
    return headers + [
        (header, resource[key].encode()) for key, header in _PASSED_ON.items() if key in resource
    ]


@lru_cache(1024)
def _http_date(moment: str) -> bytes:
    return format_datetime(datetime.fromisoformat(moment), usegmt=True).encode()


def _range(header: str, size: int) -> tuple[int, int] | None:
    """(start, end) of a range that can be served; None for the whole object."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
    if start >= size or start >= end:
        raise StorageError(
            416,
            "requestedRangeNotSatisfiable",
            f"The requested range cannot be satisfied: {header}",
        )
    return start, end


# -- decompressive transcoding --------------------------------------------------------------


def _must_unzip(resource: dict[str, Any], ask: Ask) -> bool:
    """Google: "Transcoding of gzip-compressed files": for who does not say he takes gzip."""
    return (
        resource.get("contentEncoding") == "gzip"
        and "gzip" not in ask.header(b"accept-encoding")
        and "no-transform" not in resource.get("cacheControl", "")
    )


async def _send_unzipped(ask: Ask, headers: Headers, path: Path) -> None:
    headers = [*headers, (b"warning", b'214 UploadServer "Transformation Applied"')]
    await _begin(ask, 200, headers)
    with path.open("rb") as file:
        for block in _unzipped(file):
            await ask.send({"type": "http.response.body", "body": block, "more_body": True})
    await ask.send({"type": "http.response.body", "body": b""})


def _unzipped(file: BinaryIO) -> Iterator[bytes]:
    reader = zlib.decompressobj(wbits=31)
    while data := file.read(BLOCK):
        yield reader.decompress(data)
    yield reader.flush()
