"""Objects in the XML API: GET, HEAD, PUT, DELETE and copies."""

from __future__ import annotations

import dataclasses
from urllib.parse import unquote

from emulator.services.storage.ask import Ask, Headers, StorageError, bad
from emulator.services.storage.catalog import Row
from emulator.services.storage.download import Downloads, headers_of
from emulator.services.storage.objects import Objects
from emulator.services.storage.upload import OCTETS, Uploads
from emulator.services.storage.xml import names
from emulator.services.storage.xml.documents import document, etag_of, milliseconds

XML = b"application/xml; charset=UTF-8"


class XmlObjects:
    """The JSON API's handlers, asked and answered by headers."""

    def __init__(self, objects: Objects, uploads: Uploads, downloads: Downloads) -> None:
        self._objects = objects
        self._uploads = uploads
        self._downloads = downloads

    async def get(self, ask: Ask, bucket: str, name: str) -> None:
        row = self._downloads.find(ask, bucket, name)
        resource = row.json()
        names.check_http(ask, resource)
        overridden = {
            header: ask.params[f"response-{header.decode()}"].encode()
            for header in (b"content-type", b"content-disposition")
            if f"response-{header.decode()}" in ask.params
        }
        headers = headers_of(row, resource, etag_of(resource.get("md5Hash"), resource["etag"]))
        kept = [pair for pair in headers if pair[0] not in overridden]
        shown = [*kept, *overridden.items(), *names.headers_of(resource)]
        await self._downloads.answer(ask, row, resource, shown)

    async def put(self, ask: Ask, bucket: str, name: str) -> None:
        if source := ask.header(b"x-goog-copy-source"):
            await self._copy(ask, source, bucket, name)
            return
        names.check_length(ask)
        row = await self._uploads.store(ask, bucket, name, {"contentType": OCTETS, **given(ask)})
        await ask.nothing(200, told_of(row))

    async def _copy(self, ask: Ask, source: str, bucket: str, name: str) -> None:
        home, _, original = unquote(source.removeprefix("/")).partition("/")
        replaced = ask.header(b"x-goog-metadata-directive").upper() == "REPLACE"
        row = self._objects.duplicate(
            ask, (home, original), (bucket, name), given(ask) if replaced else {}
        )
        resource = row.json()
        tag = etag_of(resource.get("md5Hash"), resource["etag"])
        moment = milliseconds(resource["updated"])
        body = document("CopyObjectResult", [("LastModified", moment), ("ETag", tag)])
        await ask.answer(200, body, XML, told_of(row))

    async def delete(self, ask: Ask, bucket: str, name: str) -> None:
        await self._objects.delete(ask, bucket, name)


def given(ask: Ask) -> dict[str, object]:
    made = names.given_of(ask)
    if ask.header(b"x-goog-acl"):
        raise bad("Cannot insert legacy ACL for an object: ACLs are not emulated.")
    return made


def told_of(row: Row) -> Headers:
    """Headers of an answer about a new object."""
    resource = row.json()
    hashes = f"crc32c={resource['crc32c']}"
    if md5 := resource.get("md5Hash"):
        hashes += f",md5={md5}"
    return [
        (b"etag", etag_of(resource.get("md5Hash"), resource["etag"]).encode()),
        (b"x-goog-generation", b"%d" % row.generation),
        (b"x-goog-metageneration", b"%d" % row.metageneration),
        (b"x-goog-hash", hashes.encode()),
        (b"x-goog-stored-content-length", resource["size"].encode()),
        (b"x-goog-storage-class", resource["storageClass"].encode()),
    ]


def with_params(ask: Ask) -> Ask:
    """The same request with its preconditions where the JSON API's handlers look for them."""
    return dataclasses.replace(ask, params=names.params_of(ask))


def missing_upload(key: str) -> StorageError:
    return StorageError(404, "NoSuchUpload", f"The requested upload was not found: {key[:80]}")
