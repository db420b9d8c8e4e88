"""What a request says by headers in the XML API, in the words that the JSON API uses."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from emulator.clock import unix
from emulator.cloud import Json
from emulator.services.storage.ask import Ask, NotModified, StorageError, bad
from emulator.services.storage.preconditions import not_met
from emulator.services.storage.xml.documents import etag_of

CONDITIONS = {
    b"x-goog-if-generation-match": "ifGenerationMatch",
    b"x-goog-if-metageneration-match": "ifMetagenerationMatch",
    b"x-goog-copy-source-if-generation-match": "ifSourceGenerationMatch",
    b"x-goog-copy-source-if-metageneration-match": "ifSourceMetagenerationMatch",
    b"x-goog-copy-source-generation": "sourceGeneration",
}
ATTRIBUTES = {
    b"content-type": "contentType",
    b"cache-control": "cacheControl",
    b"content-disposition": "contentDisposition",
    b"content-encoding": "contentEncoding",
    b"content-language": "contentLanguage",
    b"x-goog-storage-class": "storageClass",
    b"x-goog-custom-time": "customTime",
}
META = b"x-goog-meta-"


def params_of(ask: Ask) -> dict[str, str]:
    """The query, and the preconditions of the headers."""
    stated = {ours: ask.header(theirs) for theirs, ours in CONDITIONS.items() if ask.header(theirs)}
    return {**ask.params, **stated}


def given_of(ask: Ask) -> dict[str, Json]:
    """Attributes of an object to be, as headers tell them."""
    made: dict[str, Any] = {
        ours: ask.header(theirs) for theirs, ours in ATTRIBUTES.items() if ask.header(theirs)
    }
    metadata = {
        name.removeprefix(META).decode("latin-1"): value.decode("latin-1")
        for name, value in ask.headers.items()
        if name.startswith(META)
    }
    return {**made, "metadata": metadata} if metadata else made


def headers_of(resource: Mapping[str, Json]) -> list[tuple[bytes, bytes]]:
    """The custom metadata of an object that is sent."""
    return [
        (META + name.encode("latin-1", "replace"), str(value).encode("latin-1", "replace"))
        for name, value in resource.get("metadata", {}).items()
    ]


def check_http(ask: Ask, resource: Mapping[str, Any]) -> None:
    """`If-Match` and its sisters (RFC 9110, 13)."""
    tag = etag_of(resource.get("md5Hash"), resource["etag"])
    moment = int(unix(resource["updated"]))
    wanted, unwanted = ask.header(b"if-match"), ask.header(b"if-none-match")
    if wanted and wanted != "*" and tag not in _tags(wanted):
        raise not_met()
    if not wanted and (since := ask.header(b"if-unmodified-since")) and moment > _seconds(since):
        raise not_met()
    if unwanted and (unwanted == "*" or tag in _tags(unwanted)):
        raise NotModified
    if not unwanted and (since := ask.header(b"if-modified-since")) and moment <= _seconds(since):
        raise NotModified


def check_length(ask: Ask) -> None:
    """`x-goog-content-length-range: least,most`, which a signer may have fixed."""
    text = ask.header(b"x-goog-content-length-range")
    if not text:
        return
    least, comma, most = text.partition(",")
    if not comma or not least.strip().isdigit() or not most.strip().isdigit():
        raise bad(f"Invalid x-goog-content-length-range: {text}")
    length = int(ask.header(b"content-length") or 0)
    if length < int(least):
        raise StorageError(400, "EntityTooSmall", "The upload is smaller than allowed.")
    if length > int(most):
        raise StorageError(400, "EntityTooLarge", "The upload is larger than allowed.")


def _tags(text: str) -> list[str]:
    return [f'"{tag.strip().removeprefix("W/").strip(chr(34))}"' for tag in text.split(",")]


def _seconds(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        raise bad(f"Not an HTTP date: {text}") from None
