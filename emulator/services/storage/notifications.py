"""Notification configurations of buckets (Google: "Pub/Sub notifications for Cloud Storage").

Who publishes is `cloud.parts["pubsub.publish"](topic, data, attributes)`, put there by Pub/Sub;
as long as nobody does, configurations are kept and nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from emulator.clock import rfc3339
from emulator.cloud import Json, ObjectEvent
from emulator.services.storage.ask import Ask, StorageError, bad
from emulator.services.storage.guard import Guard
from emulator.services.storage.resources import etag
from emulator.services.storage.shelf import Shelf

PUBLISH = "pubsub.publish"
EVENTS = frozenset({"OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE", "OBJECT_ARCHIVE"})
PAYLOADS = frozenset({"JSON_API_V1", "NONE"})
_TOPIC = re.compile(r"//pubsub\.googleapis\.com/(projects/[^/]+/topics/[^/]+)")
Publish = Callable[[str, bytes, Mapping[str, str]], object]


class Notifications:
    """Handlers of `/b/<bucket>/notificationConfigs`, and the teller."""

    def __init__(self, shelf: Shelf, guard: Guard, parts: Mapping[str, Any]) -> None:
        self._shelf = shelf
        self._guard = guard
        self._parts = parts
        self._listens = False
        if shelf.catalog.has_notifications():
            self._listen()

    async def insert(self, ask: Ask, bucket: str) -> None:
        self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.buckets.update", bucket)
        given = await ask.json()
        _check(given)
        kept = self._shelf.catalog.notifications(bucket)
        number = str(max((int(made["id"]) for made in kept), default=0) + 1)
        made = _resource(bucket, number, given)
        self._shelf.catalog.put_notification(bucket, number, made)
        self._listen()
        await ask.answer_json(_with_link(made, bucket, ask.base))

    async def list_all(self, ask: Ask, bucket: str) -> None:
        self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.buckets.get", bucket)
        kept = self._shelf.catalog.notifications(bucket)
        answer: dict[str, Json] = {"kind": "storage#notifications"}
        if kept:
            answer["items"] = [_with_link(made, bucket, ask.base) for made in kept]
        await ask.answer_json(answer)

    async def get(self, ask: Ask, bucket: str, number: str) -> None:
        self._guard.bucket(ask.caller, "storage.buckets.get", bucket)
        await ask.answer_json(_with_link(self._find(bucket, number), bucket, ask.base))

    async def delete(self, ask: Ask, bucket: str, number: str) -> None:
        self._guard.bucket(ask.caller, "storage.buckets.update", bucket)
        self._find(bucket, number)
        self._shelf.catalog.drop_notification(bucket, number)
        await ask.nothing()

    def _find(self, bucket: str, number: str) -> dict[str, Any]:
        self._shelf.bucket(bucket)
        kept = self._shelf.catalog.notifications(bucket)
        for made in kept:
            if made["id"] == number:
                return made
        raise StorageError(404, "notFound", f"Notification {number} was not found.")

    def _listen(self) -> None:
        """Only once there is somebody to tell: every write would pay for it."""
        if not self._listens:
            self._listens = True
            self._shelf.subscribe(self._tell)

    def _tell(self, event: ObjectEvent) -> None:
        publish: Publish | None = self._parts.get(PUBLISH)
        if publish is None:
            return
        for made in self._shelf.catalog.notifications(event.resource["bucket"]):
            if _is_wanted(made, event):
                data = b"" if made["payload_format"] == "NONE" else orjson.dumps(event.resource)
                publish(_topic(made["topic"]), data, attributes(made, event))


def attributes(made: Mapping[str, Any], event: ObjectEvent) -> dict[str, str]:
    """What a message of this event carries beside its payload."""
    resource = event.resource
    config = f"projects/_/buckets/{resource['bucket']}/notificationConfigs/{made['id']}"
    told = {
        "notificationConfig": config,
        "eventType": event.notification,
        "payloadFormat": made["payload_format"],
        "bucketId": resource["bucket"],
        "objectId": resource["name"],
        "objectGeneration": resource["generation"],
        "eventTime": rfc3339(event.time),
    }
    if event.overwrote is not None:
        told["overwroteGeneration"] = str(event.overwrote)
    if event.overwritten_by is not None:
        told["overwrittenByGeneration"] = str(event.overwritten_by)
    return {**made.get("custom_attributes", {}), **told}


def _is_wanted(made: Mapping[str, Any], event: ObjectEvent) -> bool:
    kinds = made.get("event_types")
    prefix = made.get("object_name_prefix", "")
    return (not kinds or event.notification in kinds) and event.resource["name"].startswith(prefix)


def _check(given: Mapping[str, Any]) -> None:
    if not _TOPIC.fullmatch(str(given.get("topic", ""))):
        raise bad("Invalid topic: it must look like //pubsub.googleapis.com/projects/P/topics/T.")
    if given.get("payload_format") not in PAYLOADS:
        raise bad("Invalid payload_format: JSON_API_V1 or NONE.")
    if unknown := set(given.get("event_types") or ()) - EVENTS:
        raise bad(f"Invalid event type: {min(unknown)}")


def _resource(bucket: str, number: str, given: Mapping[str, Any]) -> dict[str, Any]:
    names = ("topic", "payload_format", "event_types", "custom_attributes", "object_name_prefix")
    kept = {name: given[name] for name in names if given.get(name)}
    return {"kind": "storage#notification", "id": number, "etag": etag(0, int(number)), **kept}


def _with_link(made: Mapping[str, Any], bucket: str, base: str) -> dict[str, Json]:
    path = f"/storage/v1/b/{bucket}/notificationConfigs/{made['id']}"
    return {**made, "selfLink": f"{base}{path}"}


def _topic(text: str) -> str:
    found = _TOPIC.fullmatch(text)
    assert found
    return found[1]
