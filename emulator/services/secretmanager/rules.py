"""What a secret and a payload may be, their names and etags. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from emulator.clock import rfc3339, unix
from emulator.cloud import Json, project_number
from emulator.crc32c import crc32c
from emulator.errors import ApiError, invalid
from emulator.filters import matches
from emulator.rpc.listing import page
from emulator.rpc.method import Request

LARGEST = 64 * 1024
SHORTEST_DELAY = 24 * 3600
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
MUTABLE = {
    "labels", "annotations", "versionAliases", "topics", "rotation", "expireTime", "ttl",
    "versionDestroyTtl", "etag", "tags",
}  # fmt: skip


def secret_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise invalid(f"Invalid secret id '{text}': expected {_ID.pattern}")
    return text


def dated(secret: dict[str, Json], now: float) -> dict[str, Json]:
    """Answers tell no `ttl`, but when the secret expires."""
    if ttl := secret.pop("ttl", None):
        secret["expireTime"] = rfc3339(now + seconds(ttl))
    if "expireTime" in secret and unix(secret["expireTime"]) <= now:
        raise invalid("Secret.expire_time must be in the future.")
    delay = secret.get("versionDestroyTtl")
    if delay and seconds(delay) < SHORTEST_DELAY:
        raise invalid("Secret.version_destroy_ttl must be at least 24 hours.")
    return secret


def public_name(name: str) -> str:
    _, project, rest = name.split("/", 2)
    return f"projects/{project_number(project)}/{rest}"


def number_of(version: dict[str, Json]) -> int:
    return int(version["name"].rpartition("/")[2])


def payload_of(payload: dict[str, Json]) -> bytes:
    try:
        data = base64.b64decode(payload.get("data", ""), validate=False)
    except (binascii.Error, ValueError):
        raise invalid("Invalid value at 'payload.data' (TYPE_BYTES): not base64.") from None
    if len(data) > LARGEST:
        raise invalid(f"The payload is larger than {LARGEST} bytes.")
    claimed = payload.get("dataCrc32c")
    if claimed is not None and int(claimed) != crc32c(data):
        raise invalid("The checksum of the payload (data_crc32c) does not match its data.")
    return data


def precondition(message: str) -> ApiError:
    return ApiError("FAILED_PRECONDITION", message)


def etag_of(value: Json) -> str:
    digest = hashlib.sha256(repr(value).encode()).hexdigest()[:14]
    return f'"{digest}"'


def with_etag(value: dict[str, Json]) -> dict[str, Json]:
    return {**value, "etag": etag_of({**value, "etag": value.get("etag")})}


def check_etag(given: str | None, live: dict[str, Json]) -> None:
    if given and given != live["etag"]:
        raise ApiError(
            "FAILED_PRECONDITION",
            f"The etag '{given}' does not match the current etag '{live['etag']}'.",
        )


def filtered(request: Request, items: list[Json]) -> list[Json]:
    text = request.get("filter", "")
    return [item for item in items if matches(text, item)] if text else items


def paged(request: Request, items: list[Json], key: str) -> Json:
    return {**page(request, items, key, default=25_000, most=25_000), "totalSize": len(items)}


def seconds(duration: str) -> float:
    try:
        return float(duration.removesuffix("s"))
    except ValueError:
        raise invalid(f"Invalid duration '{duration}'.") from None
