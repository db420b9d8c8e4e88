"""Buckets and objects as JSON: what a client may set, what Storage adds."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from emulator.cloud import Json
from emulator.services.storage.catalog import Row
from emulator.services.storage.spool import Spooled

OBJECT_FIELDS = frozenset({
    "acl", "cacheControl", "contentDisposition", "contentEncoding", "contentLanguage",
    "contentType", "contexts", "customTime", "eventBasedHold", "kmsKeyName", "metadata",
    "retention", "storageClass", "temporaryHold",
})  # fmt: skip
BUCKET_FIELDS = frozenset({
    "acl", "autoclass", "billing", "cors", "customPlacementConfig", "defaultEventBasedHold",
    "defaultObjectAcl", "encryption", "hierarchicalNamespace", "iamConfiguration", "ipFilter",
    "labels", "lifecycle", "location", "logging", "objectRetention", "retentionPolicy",
    "rpo", "softDeletePolicy", "storageClass", "versioning", "website",
})  # fmt: skip
MULTI_REGIONS = {"US", "EU", "ASIA"}


def object_resource(
    bucket: Mapping[str, Any],
    name: str,
    generation: int,
    spooled: Spooled,
    given: Mapping[str, Json],
    now: str,
) -> dict[str, Json]:
    made: dict[str, Json] = {
        "kind": "storage#object",
        "id": f"{bucket['name']}/{name}/{generation}",
        "name": name,
        "bucket": bucket["name"],
        "generation": str(generation),
        "metageneration": "1",
        "storageClass": bucket["storageClass"],
        "size": str(spooled.size),
        "crc32c": spooled.crc32c,
        "etag": etag(generation, 1),
        "timeCreated": now,
        "updated": now,
        "timeStorageClassUpdated": now,
        "timeFinalized": now,
    }
    if spooled.md5:
        made["md5Hash"] = spooled.md5
    return made | {k: v for k, v in given.items() if k in OBJECT_FIELDS and v is not None}


def bucket_resource(given: Mapping[str, Json], number: str, now: str) -> dict[str, Json]:
    location = str(given.get("location") or "US").upper()
    made: dict[str, Json] = {
        "kind": "storage#bucket",
        "id": given["name"],
        "name": given["name"],
        "projectNumber": number,
        "generation": "1",
        "metageneration": "1",
        "etag": etag(0, 1),
        "timeCreated": now,
        "updated": now,
        "storageClass": "STANDARD",
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": now},
        **{k: v for k, v in given.items() if k in BUCKET_FIELDS and v is not None},
        "location": location,
        "locationType": "multi-region" if location in MULTI_REGIONS else "region",
    }
    made["iamConfiguration"] = iam_configuration(made.get("iamConfiguration") or {}, now)
    return made


def iam_configuration(given: Mapping[str, Any], now: str) -> dict[str, Json]:
    """Uniform access under its new name and its old one, which clients read as well."""
    uniform = dict(given.get("uniformBucketLevelAccess") or given.get("bucketPolicyOnly") or {})
    uniform.setdefault("enabled", False)
    if uniform["enabled"]:
        uniform.setdefault("lockedTime", now)
    prevention = given.get("publicAccessPrevention") or "inherited"
    return {
        "uniformBucketLevelAccess": uniform,
        "bucketPolicyOnly": uniform,
        "publicAccessPrevention": prevention,
    }


def etag(generation: int, metageneration: int) -> str:
    return base64.b64encode(b"%d/%d" % (generation, metageneration)).decode()


def object_bytes(row: Row, base: str) -> bytes:
    """The JSON of a row with its links, without parsing it again."""
    path = f"/storage/v1/b/{row.bucket}/o/{quote(row.name, safe='')}"
    links = (
        f',"selfLink":"{base}{path}",'
        f'"mediaLink":"{base}/download{path}?generation={row.generation}&alt=media"}}'
    )
    return row.resource[:-1] + links.encode()


def bucket_json(resource: Mapping[str, Json], base: str) -> dict[str, Json]:
    return {**resource, "selfLink": f"{base}/storage/v1/b/{resource['name']}"}
