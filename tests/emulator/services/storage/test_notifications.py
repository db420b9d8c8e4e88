"""Notification configurations by Google's client, and what Pub/Sub is given to publish."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions

from emulator.access import Policies
from emulator.clock import RealClock
from emulator.cloud import OWNER, Settings
from emulator.projects import KnownProjects
from emulator.services.storage.ask import Ask
from emulator.services.storage.guard import Guard
from emulator.services.storage.notifications import Notifications
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.spool import in_memory
from emulator.store import Store

TOPIC = "//pubsub.googleapis.com/projects/my-project/topics/news"


def test_googles_client(google_bucket) -> None:
    made = google_bucket.notification(
        "news",
        topic_project="my-project",
        event_types=["OBJECT_FINALIZE"],
        blob_name_prefix="in/",
        custom_attributes={"a": "1"},
        payload_format="JSON_API_V1",
    )
    made.create()
    (kept,) = google_bucket.list_notifications()
    assert (kept.topic_name, kept.event_types) == ("news", ["OBJECT_FINALIZE"])
    assert (kept.blob_name_prefix, kept.custom_attributes) == ("in/", {"a": "1"})
    assert kept.topic_project == "my-project"
    assert google_bucket.get_notification(kept.notification_id).payload_format == "JSON_API_V1"
    kept.delete()
    assert list(google_bucket.list_notifications()) == []
    with pytest.raises(exceptions.NotFound):
        google_bucket.get_notification("1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "news", "payload_format": "NONE"},
        {"topic": TOPIC, "payload_format": "XML"},
        {"topic": TOPIC, "payload_format": "NONE", "event_types": ["OBJECT_READ"]},
    ],
)
def test_what_is_no_configuration(emulator, bucket: str, wrong: dict[str, Any]) -> None:
    assert emulator.post(f"/storage/v1/b/{bucket}/notificationConfigs", wrong).code == 400


def test_what_is_published(tmp_path: Path) -> None:
    published: list[tuple[str, bytes, Mapping[str, str]]] = []
    clock, store = RealClock(), Store(None)
    access = Policies(store, clock, KnownProjects(store, "p-roject"))
    shelf = Shelf(Settings(tmp_path), access, clock)
    shelf.create_bucket("p-roject", {"name": "b"})
    parts = {"pubsub.publish": lambda *message: published.append(message)}
    told = Notifications(shelf, Guard(access, shelf), parts)
    given = {"topic": TOPIC, "payload_format": "JSON_API_V1", "custom_attributes": {"a": "1"}}
    asyncio.run(told.insert(asked({**given, "object_name_prefix": "in/"}), "b"))
    first = shelf.commit("b", "in/x", in_memory(b"12"), {})
    shelf.commit("b", "out/x", in_memory(b""), {})
    second = shelf.commit("b", "in/x", in_memory(b"3"), {})
    shelf.close()
    assert [message[0] for message in published] == ["projects/my-project/topics/news"] * 3
    assert [message[2]["eventType"] for message in published] == [
        "OBJECT_FINALIZE",
        "OBJECT_DELETE",
        "OBJECT_FINALIZE",
    ]
    assert json.loads(published[0][1])["size"] == "2"
    assert published[0][2]["a"] == "1"
    assert published[1][2]["overwrittenByGeneration"] == str(second.generation)
    assert published[2][2]["overwroteGeneration"] == str(first.generation)


def asked(body: dict[str, Any]) -> Ask:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode()}

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200

    return Ask("POST", "http://host", {}, {}, OWNER, receive, send)


def test_what_is_not_here_says_so(emulator, bucket: str) -> None:
    acl = emulator.get(f"/storage/v1/b/{bucket}/acl")
    assert (acl.code, "uniform bucket-level access" in acl.message) == (400, True)
    folders = emulator.get(f"/storage/v1/b/{bucket}/managedFolders")
    assert (folders.code, "managed folders" in folders.message) == (501, True)


def test_a_message_for_who_subscribed(emulator, bucket: str) -> None:
    """Storage → topic → subscription, as clients see it."""
    topic, queue = (
        f"projects/my-project/topics/{bucket}",
        f"projects/my-project/subscriptions/{bucket}",
    )
    assert emulator.call("PUT", f"/v1/{topic}", {}).code == 200
    assert emulator.call("PUT", f"/v1/{queue}", {"topic": topic}).code == 200
    given = {"topic": f"//pubsub.googleapis.com/{topic}", "payload_format": "JSON_API_V1"}
    assert emulator.post(f"/storage/v1/b/{bucket}/notificationConfigs", given).code == 200
    emulator.call("PUT", f"/{bucket}/news", b"12345")
    (got,) = emulator.post(f"/v1/{queue}:pull", {"maxMessages": 1}).json["receivedMessages"]
    assert got["message"]["attributes"]["eventType"] == "OBJECT_FINALIZE"
    assert json.loads(base64.b64decode(got["message"]["data"]))["size"] == "5"
