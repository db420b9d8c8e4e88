"""XML as Storage writes and reads it (Google: "XML API", "HTTP status and error codes")."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as Tree
from xml.sax.saxutils import escape

from emulator.errors import ApiError
from emulator.services.storage.ask import StorageError
from emulator.services.storage.catalog import Row
from emulator.services.storage.listing import Page, Query

HEAD = b"<?xml version='1.0' encoding='UTF-8'?>"
SPACE = "http://doc.s3.amazonaws.com/2006-03-01"
_CODES = {
    "forbidden": "AccessDenied",
    "requestedRangeNotSatisfiable": "InvalidRange",
    "conditionNotMet": "PreconditionFailed",
    "retentionPolicyNotMet": "AccessDenied",
    "required": "InvalidArgument",
    "invalid": "InvalidArgument",
    "methodNotAllowed": "MethodNotAllowed",
}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Field = tuple[str, "str | Sequence[Field]"]


def document(root: str, value: str | Iterable[Field]) -> bytes:
    return HEAD + f'<{root} xmlns="{SPACE}">{_inside(value)}</{root}>'.encode()


def _inside(value: str | Iterable[Field]) -> str:
    if isinstance(value, str):
        return _text(value)
    return "".join(f"<{name}>{_inside(inner)}</{name}>" for name, inner in value)


def _text(value: str) -> str:
    return escape(_UNPRINTABLE.sub("\ufffd", value))


# -- refusals -------------------------------------------------------------------------------


def refusal(error: ApiError) -> bytes:
    reason = error.reason if isinstance(error, StorageError) else error.status
    fields: list[Field] = [("Code", _code(error, reason)), ("Message", error.message)]
    shown = (("Details", "told"), ("StringToSign", "to_sign"), ("CanonicalRequest", "canonical"))
    for name, attribute in shown:
        if isinstance(value := getattr(error, attribute, None), str):
            fields.append((name, value))
    return HEAD + f"<Error>{_inside(fields)}</Error>".encode()


def _code(error: ApiError, reason: str) -> str:
    if reason == "notFound":
        return "NoSuchBucket" if "bucket" in error.message else "NoSuchKey"
    if reason == "invalid" and "hash" in error.message.lower():
        return "BadDigest"
    return _CODES.get(reason, reason[:1].upper() + reason[1:])


# -- lists ----------------------------------------------------------------------------------


def listing(query: Query, found: Page, second: bool, token: str) -> bytes:
    """`ListBucketResult` of either version; `token` is what the client began with."""
    fields: list[Field] = [("Name", query.bucket), ("Prefix", query.prefix)]
    if query.delimiter:
        fields.append(("Delimiter", query.delimiter))
    if second:
        fields.append(("KeyCount", str(len(found))))
        fields += [("ContinuationToken", token)] if token else []
        fields += [("NextContinuationToken", found.token)] if found.token else []
    else:
        fields.append(("Marker", query.after))
        fields += [("NextMarker", found.last)] if found.token else []
    fields.append(("IsTruncated", "true" if found.token else "false"))
    kind = "Version" if query.versions else "Contents"
    fields += [(kind, _entry(row)) for row in found.rows]
    fields += [("CommonPrefixes", [("Prefix", prefix)]) for prefix in found.prefixes]
    return document("ListBucketResult", fields)


def _entry(row: Row) -> list[Field]:
    resource = row.json()
    return [
        ("Key", row.name),
        ("Generation", str(row.generation)),
        ("MetaGeneration", str(row.metageneration)),
        ("LastModified", milliseconds(resource["updated"])),
        ("ETag", etag_of(resource.get("md5Hash"), resource["etag"])),
        ("Size", resource["size"]),
        ("StorageClass", resource["storageClass"]),
    ]


def milliseconds(moment: str) -> str:
    return f"{moment[:23]}Z"


def etag_of(md5: str | None, otherwise: str) -> str:
    """The MD5 in hexadecimal where there is one, in quotes."""
    try:
        return f'"{base64.b64decode(md5, validate=True).hex()}"' if md5 else f'"{otherwise}"'
    except (binascii.Error, ValueError):
        return f'"{otherwise}"'


# -- what clients send ----------------------------------------------------------------------


def completion(raw: bytes) -> list[tuple[int, str]]:
    """(part number, ETag) of a `CompleteMultipartUpload`, in the order given."""
    if b"<!" in raw:
        raise _malformed()
    try:
        root = Tree.fromstring(raw)  # noqa: S314  # without declarations there is nothing to expand
        return [
            (int(_child(part, "PartNumber")), _child(part, "ETag"))
            for part in root
            if _name(part) == "Part"
        ]
    except (Tree.ParseError, ValueError, LookupError):
        raise _malformed() from None


def _child(element: Tree.Element, name: str) -> str:
    texts = [child.text or "" for child in element if _name(child) == name]
    return texts[0].strip()


def _name(element: Tree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _malformed() -> StorageError:
    return StorageError(
        400,
        "MalformedCompleteMultipartUploadRequest",
        "The XML you provided was not well-formed or did not validate.",
    )
