"""Buckets: create, read, change, delete, and their IAM policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.cloud import Access, Json, Projects
from emulator.services.storage.ask import Ask, StorageError, bad
from emulator.services.storage.guard import Guard
from emulator.services.storage.preconditions import not_met
from emulator.services.storage.resources import BUCKET_FIELDS, bucket_json, etag, iam_configuration
from emulator.services.storage.shelf import Shelf

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


class Buckets:
    """Handlers of `/b` and `/b/<bucket>…` without its objects."""

    def __init__(self, shelf: Shelf, guard: Guard, access: Access, projects: Projects) -> None:
        self._shelf = shelf
        self._guard = guard
        self._access = access
        self._projects = projects

    async def create(self, ask: Ask) -> None:
        given, project = await ask.json(), self._project(ask)
        if not _NAME.fullmatch(given.get("name", "")):
            raise bad(f"Invalid bucket name: '{given.get('name', '')}'")
        self._guard.project(ask.caller, "storage.buckets.create", project)
        _check(given)
        given["objectRetention"] = _object_retention(ask)
        await ask.answer_json(bucket_json(self._shelf.create_bucket(project, given), ask.base))

    async def list_buckets(self, ask: Ask) -> None:
        project, prefix = self._project(ask), ask.params.get("prefix", "")
        self._guard.project(ask.caller, "storage.buckets.list", project)
        token, limit = ask.params.get("pageToken", ""), ask.number("maxResults") or 1000
        found = [
            bucket
            for bucket in self._shelf.buckets(project)
            if bucket["name"].startswith(prefix) and bucket["name"] > token
        ]
        answer: dict[str, Json] = {"kind": "storage#buckets"}
        answer["items"] = [bucket_json(bucket, ask.base) for bucket in found[:limit]]
        if len(found) > limit:
            answer["nextPageToken"] = found[limit - 1]["name"]
        await ask.answer_json(answer)

    async def get(self, ask: Ask, bucket: str) -> None:
        resource = self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.buckets.get", bucket)
        _check_metageneration(ask, resource)
        await ask.answer_json(bucket_json(resource, ask.base))

    async def change(self, ask: Ask, bucket: str) -> None:
        """PATCH merges, PUT replaces; both only what a client may set."""
        given, resource = await ask.json(), dict(self._shelf.bucket(bucket))
        self._guard.bucket(ask.caller, "storage.buckets.update", bucket)
        _check_metageneration(ask, resource)
        _check(given)
        fields = {k: v for k, v in given.items() if k in BUCKET_FIELDS - _FIXED}
        if ask.method == "PUT":
            fields = dict.fromkeys(_CLEARED & resource.keys()) | fields
        for key, value in fields.items():
            _change(resource, key, value, self._shelf.now())
        self._bump(resource)
        self._shelf.keep_bucket(self._shelf.project_of(bucket), resource)
        await ask.answer_json(bucket_json(resource, ask.base))

    async def delete(self, ask: Ask, bucket: str) -> None:
        resource = self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.buckets.delete", bucket)
        _check_metageneration(ask, resource)
        self._shelf.delete_bucket(bucket)
        await ask.nothing()

    async def layout(self, ask: Ask, bucket: str) -> None:
        resource = self._shelf.bucket(bucket)
        answer = {"kind": "storage#storageLayout", "bucket": bucket}
        answer |= {key: resource[key] for key in ("location", "locationType")}
        await ask.answer_json({**answer, "hierarchicalNamespace": {"enabled": False}})

    # -- IAM --------------------------------------------------------------------------------

    async def policy(self, ask: Ask, bucket: str) -> None:
        self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.buckets.getIamPolicy", bucket)
        await ask.answer_json(_policy_json(bucket, self._access.policy(_resource(bucket))))

    async def set_policy(self, ask: Ask, bucket: str) -> None:
        resource, given = self._shelf.bucket(bucket), await ask.json()
        self._guard.bucket(ask.caller, "storage.buckets.setIamPolicy", bucket)
        uniform = resource["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"]
        if not uniform and any(b.get("condition") for b in given.get("bindings", ())):
            raise StorageError(
                412,
                "conditionNotMet",
                "Uniform bucket-level access must be enabled to set conditions on an IAM policy.",
            )
        policy = {k: v for k, v in given.items() if k not in ("kind", "resourceId")}
        await ask.answer_json(
            _policy_json(bucket, self._access.set_policy(_resource(bucket), policy))
        )

    async def test_permissions(self, ask: Ask, bucket: str, asked: list[str]) -> None:
        self._shelf.bucket(bucket)
        held = [p for p in asked if self._access.holds(ask.caller, p, _resource(bucket))]
        answer: dict[str, Json] = {"kind": "storage#testIamPermissionsResponse"}
        await ask.answer_json({**answer, "permissions": held} if held else answer)

    # -- inside -----------------------------------------------------------------------------

    def _project(self, ask: Ask) -> str:
        project = ask.params.get("project")
        if not project:
            raise bad("Required parameter: project", "required")
        return self._projects.id_of(project)

    def _bump(self, resource: dict[str, Any]) -> None:
        metageneration = int(resource["metageneration"]) + 1
        resource["metageneration"] = str(metageneration)
        resource["updated"] = self._shelf.now()
        resource["etag"] = etag(0, metageneration)


_FIXED = frozenset(
    {"location", "customPlacementConfig", "hierarchicalNamespace", "objectRetention"}
)
_CLEARED = BUCKET_FIELDS - _FIXED - {"iamConfiguration", "storageClass", "softDeletePolicy"}


def _change(resource: dict[str, Any], key: str, value: Json, now: str) -> None:
    if value is None:
        resource.pop(key, None)
    elif key == "iamConfiguration":
        merged = {**resource[key], **value}
        if "uniformBucketLevelAccess" not in value and "bucketPolicyOnly" in value:
            merged["uniformBucketLevelAccess"] = value["bucketPolicyOnly"]
        resource[key] = iam_configuration(merged, now)
    elif key == "labels":
        merged = {**resource.get(key, {}), **value}
        resource[key] = {name: text for name, text in merged.items() if text is not None}
    elif key == "softDeletePolicy":
        resource[key] = {"effectiveTime": now, **value}
    else:
        resource[key] = value


def _check(given: Mapping[str, Any]) -> None:
    for rule in (given.get("lifecycle") or {}).get("rule", ()):
        if "action" not in rule or not rule.get("condition"):
            raise bad("A lifecycle rule must have an action and at least one condition.")
    for key, value in (given.get("labels") or {}).items():
        if not re.fullmatch(r"[a-z][\w-]{0,62}", key) or len(value or "") > 63:
            raise bad(f"Invalid label: '{key}={value}'")


def _object_retention(ask: Ask) -> dict[str, Json] | None:
    """It is enabled with the making of a bucket only (Google: "Object Retention Lock")."""
    return {"mode": "Enabled"} if ask.flag("enableObjectRetention") else None


def _check_metageneration(ask: Ask, resource: Mapping[str, Any]) -> None:
    live = int(resource["metageneration"])
    if ask.number("ifMetagenerationMatch") not in (None, live):
        raise not_met()
    if ask.number("ifMetagenerationNotMatch") == live:
        raise not_met()


def _resource(bucket: str) -> str:
    return f"projects/_/buckets/{bucket}"


def _policy_json(bucket: str, policy: Mapping[str, Json]) -> dict[str, Json]:
    return {"kind": "storage#policy", "resourceId": _resource(bucket), **policy}
