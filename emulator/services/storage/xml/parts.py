"""Multipart uploads (Google: "XML API multipart uploads"): parts in any order, one object.

Each part is a file with a row once it is whole, so a killed emulator has it or does not.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any

from emulator.services.storage.ask import Ask, StorageError, bad
from emulator.services.storage.catalog import Part
from emulator.services.storage.guard import Guard
from emulator.services.storage.joining import joined
from emulator.services.storage.preconditions import Preconditions
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.spool import Spool
from emulator.services.storage.upload import OCTETS, object_name, pour
from emulator.services.storage.xml.documents import Field, completion, document, milliseconds
from emulator.services.storage.xml.objects import XML, given, missing_upload, told_of

MOST = 10_000
LEAST = 5 * 1024 * 1024
"""Bytes of a part that is not the last."""
LARGEST_BODY = 4 * 1024 * 1024


class Parts:
    """The uploads under way."""

    def __init__(self, shelf: Shelf, guard: Guard) -> None:
        self._shelf = shelf
        self._guard = guard

    async def begin(self, ask: Ask, bucket: str, name: str) -> None:
        object_name({"name": name}, {})
        self._shelf.bucket(bucket)
        self._guard.object(ask.caller, "storage.multipartUploads.create", bucket, name)
        self._guard.write(ask.caller, bucket, name)
        key = secrets.token_urlsafe(24)
        state = {
            "multipart": [bucket, name],
            "given": {"contentType": OCTETS, **given(ask)},
            "begun": self._shelf.now(),
        }
        self._shelf.catalog.put_session(key, state)
        fields = [("Bucket", bucket), ("Key", name), ("UploadId", key)]
        await ask.answer(200, document("InitiateMultipartUploadResult", fields), XML)

    async def put(self, ask: Ask, bucket: str, name: str) -> None:
        key, number = self._key(ask, bucket, name), ask.number("partNumber") or 0
        if not 1 <= number <= MOST:
            raise bad(f"Part number must be an integer between 1 and {MOST}, inclusive.")
        self._guard.write(ask.caller, bucket, name)
        spool = Spool(self._shelf.incoming / f"{key}.{secrets.token_hex(6)}")
        spooled = await pour(spool, ask)
        if (claimed := ask.header(b"content-md5")) and claimed != spooled.md5:
            spooled.discard()
            raise StorageError(400, "BadDigest", "The Content-MD5 you specified did not match.")
        old = self._shelf.catalog.part(key, number)
        part = Part(number, spool.path.name, spooled.size, tag(spooled.md5), self._shelf.now())
        self._shelf.catalog.put_part(key, part)
        if old:
            (self._shelf.incoming / old.file).unlink(missing_ok=True)
        extra = [(b"etag", part.tag.encode()), (b"x-goog-hash", b"crc32c=%b" % _ascii(spooled))]
        await ask.nothing(200, extra)

    async def finish(self, ask: Ask, bucket: str, name: str) -> None:
        key = self._key(ask, bucket, name)
        wanted = completion(await ask.whole(LARGEST_BODY))
        parts = self._chosen(key, wanted)
        self._guard.write(ask.caller, bucket, name)
        state = self._state(key)
        files = [(self._shelf.incoming / part.file).open("rb") for part in parts]
        spooled = await joined(files, self._shelf.incoming / f"{key}.whole")
        try:
            if not self._shelf.catalog.session(key):
                raise missing_upload(key)
            conditions = Preconditions.of(ask.params)
            row = self._shelf.commit(bucket, name, spooled, state["given"], conditions)
        except StorageError:
            spooled.discard()
            raise
        self._shelf.drop_upload(key)
        tag_ = dict(told_of(row))[b"etag"].decode()
        fields = [("Location", f"{ask.base}/{bucket}/{name}"), ("Bucket", bucket)]
        body = document("CompleteMultipartUploadResult", [*fields, ("Key", name), ("ETag", tag_)])
        await ask.answer(200, body, XML, told_of(row))

    async def abort(self, ask: Ask, bucket: str, name: str) -> None:
        key = self._key(ask, bucket, name)
        self._guard.object(ask.caller, "storage.multipartUploads.abort", bucket, name)
        self._shelf.drop_upload(key)
        await ask.nothing()

    async def list_parts(self, ask: Ask, bucket: str, name: str) -> None:
        key = self._key(ask, bucket, name)
        self._guard.object(ask.caller, "storage.multipartUploads.listParts", bucket, name)
        after, limit = ask.number("part-number-marker") or 0, ask.number("max-parts") or 1000
        there = [part for part in self._shelf.catalog.parts(key) if part.number > after]
        shown, more = there[:limit], len(there) > limit
        fields: list[Field] = [("Bucket", bucket), ("Key", name), ("UploadId", key)]
        fields += [("PartNumberMarker", str(after)), ("MaxParts", str(limit))]
        fields += [("NextPartNumberMarker", str(shown[-1].number))] if shown else []
        fields += [("IsTruncated", "true" if more else "false")]
        fields += [("Part", _part_fields(part)) for part in shown]
        await ask.answer(200, document("ListPartsResult", fields), XML)

    async def list_uploads(self, ask: Ask, bucket: str) -> None:
        self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.multipartUploads.list", bucket)
        prefix = ask.params.get("prefix", "")
        found: list[Field] = [
            ("Upload", [("Key", name), ("UploadId", key), ("Initiated", milliseconds(begun))])
            for key, name, begun in self._shelf.catalog.uploads(bucket)
            if name.startswith(prefix)
        ]
        fields: list[Field] = [("Bucket", bucket), ("Prefix", prefix), ("IsTruncated", "false")]
        await ask.answer(200, document("ListMultipartUploadsResult", [*fields, *found]), XML)

    # -- inside -----------------------------------------------------------------------------

    def _key(self, ask: Ask, bucket: str, name: str) -> str:
        key = ask.params["uploadId"]
        if self._state(key)["multipart"] != [bucket, name]:
            raise missing_upload(key)
        return key

    def _state(self, key: str) -> dict[str, Any]:
        state: dict[str, Any] | None = self._shelf.catalog.session(key)
        if state is None or "multipart" not in state:
            raise missing_upload(key)
        return state

    def _chosen(self, key: str, wanted: Sequence[tuple[int, str]]) -> list[Part]:
        numbers = [number for number, _ in wanted]
        if not wanted or numbers != sorted(set(numbers)):
            raise StorageError(400, "InvalidPartOrder", "The parts were not in ascending order.")
        there = {part.number: part for part in self._shelf.catalog.parts(key)}
        for number, named in wanted:
            if number not in there or there[number].tag.strip('"') != named.strip('"'):
                message = f"Part {number} was not uploaded, or its ETag is another one."
                raise StorageError(400, "InvalidPart", message)
        chosen = [there[number] for number in numbers]
        if any(part.size < LEAST for part in chosen[:-1]):
            raise StorageError(400, "EntityTooSmall", "A part but the last has at least 5 MiB.")
        return chosen


def tag(md5: str | None) -> str:
    assert md5 is not None
    return f'"{base64.b64decode(md5).hex()}"'


def _ascii(spooled: Any) -> bytes:
    return bytes(spooled.crc32c, "ascii")


def _part_fields(part: Part) -> list[tuple[str, str]]:
    return [
        ("PartNumber", str(part.number)),
        ("LastModified", milliseconds(part.moment)),
        ("ETag", part.tag),
        ("Size", str(part.size)),
    ]
