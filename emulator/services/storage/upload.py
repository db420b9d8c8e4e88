"""New objects: `uploadType` media, multipart and resumable."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Mapping
from typing import Any

from emulator.cloud import Json
from emulator.services.storage.absent import check_predefined
from emulator.services.storage.ask import Ask, StorageError, bad
from emulator.services.storage.catalog import Row
from emulator.services.storage.guard import Guard
from emulator.services.storage.multipart import Related
from emulator.services.storage.preconditions import Preconditions
from emulator.services.storage.resources import object_bytes
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.spool import BLOCK, Spool, Spooled, fresh, in_memory

LONGEST_NAME = 1024
OCTETS = "application/octet-stream"


class Uploads:
    """Single-request uploads; `resumable.Sessions` has the others."""

    def __init__(self, shelf: Shelf, guard: Guard) -> None:
        self._shelf = shelf
        self._guard = guard

    async def media(self, ask: Ask, bucket: str) -> None:
        given = {"contentType": ask.header(b"content-type") or OCTETS}
        if encoding := ask.params.get("contentEncoding"):
            given["contentEncoding"] = encoding
        await self._receive(ask, bucket, given, _chunks(ask))

    async def multipart(self, ask: Ask, bucket: str) -> None:
        body = Related(ask)
        given, kind = await body.head()
        given.setdefault("contentType", kind or OCTETS)
        await self._receive(ask, bucket, given, body.media())

    async def _receive(
        self, ask: Ask, bucket: str, given: dict[str, Json], chunks: AsyncIterator[bytes]
    ) -> None:
        name = object_name(ask.params, given)
        row = await self._stored(ask, bucket, name, given, chunks)
        await ask.answer(200, object_bytes(row, ask.base))

    async def store(self, ask: Ask, bucket: str, name: str, given: dict[str, Json]) -> Row:
        """The request's whole body under this name."""
        object_name({"name": name}, given)
        return await self._stored(ask, bucket, name, given, _chunks(ask))

    async def _stored(
        self,
        ask: Ask,
        bucket: str,
        name: str,
        given: dict[str, Json],
        chunks: AsyncIterator[bytes],
    ) -> Row:
        check_predefined(ask, self._shelf.bucket(bucket))
        self._guard.write(ask.caller, bucket, name)
        spooled = await spool(self._shelf, ask, chunks)
        return commit(self._shelf, ask, bucket, name, spooled, given)


async def spool(shelf: Shelf, ask: Ask, chunks: AsyncIterator[bytes]) -> Spooled:
    """The whole body in a file of its own."""
    if int(ask.header(b"content-length") or BLOCK) < BLOCK:
        return in_memory(b"".join([chunk async for chunk in chunks]))
    return await _poured(Spool(fresh(shelf.incoming)), chunks)


async def pour(writing: Spool, ask: Ask) -> Spooled:
    """The whole body into a file that is already named."""
    return await _poured(writing, _chunks(ask))


async def _poured(writing: Spool, chunks: AsyncIterator[bytes]) -> Spooled:
    try:
        async for chunk in chunks:
            await writing.write(chunk)
        return await writing.finish()
    except BaseException:
        await writing.abandon()
        raise


def commit(
    shelf: Shelf, ask: Ask, bucket: str, name: str, spooled: Spooled, given: Mapping[str, Json]
) -> Row:
    try:
        verify(spooled, given, ask.header(b"x-goog-hash"), ask.header(b"content-md5"))
        return shelf.commit(bucket, name, spooled, given, Preconditions.of(ask.params))
    except StorageError:
        spooled.discard()
        raise


def object_name(params: Mapping[str, str], given: Mapping[str, Any]) -> str:
    name = params.get("name") or given.get("name") or ""
    if not name:
        raise bad("Required", "required")
    if len(name.encode()) > LONGEST_NAME or "\n" in name or "\r" in name or name in (".", ".."):
        raise bad(f"Invalid object name: '{name[:80]}'")
    return str(name)


def guess_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or OCTETS


def verify(spooled: Spooled, given: Mapping[str, Json], hashes: str, md5: str) -> None:
    """400 when the bytes are not those that the client meant."""
    claimed = dict(part.strip().split("=", 1) for part in hashes.split(",") if "=" in part)
    wanted_md5 = given.get("md5Hash") or md5 or claimed.get("md5")
    wanted_crc = given.get("crc32c") or claimed.get("crc32c")
    if wanted_md5 and wanted_md5 != spooled.md5:
        raise bad(
            f'Provided MD5 hash "{wanted_md5}" doesn\'t match calculated MD5 hash "{spooled.md5}".'
        )
    if wanted_crc and wanted_crc != spooled.crc32c:
        raise bad(
            f'Provided CRC32C "{wanted_crc}" doesn\'t match calculated CRC32C "{spooled.crc32c}".'
        )


async def _chunks(ask: Ask) -> AsyncIterator[bytes]:
    while (chunk := await ask.chunk()) is not None:
        yield chunk
