"""Triggers, by Google's own client: what happens in a bucket or a topic starts workflows."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.eventarc_v1 import EventarcClient

from tests.emulator.conftest import PROJECT, Emulator

PARENT = f"projects/{PROJECT}/locations/europe-west1"
FINALIZED = "google.cloud.storage.object.v1.finalized"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
ECHO = "main:\n  params: [event]\n  steps:\n    - give:\n        return: ${event}\n"


@pytest.fixture
def client(emulator: Emulator) -> EventarcClient:
    return EventarcClient(
        transport="rest",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": emulator.url},
    )


@pytest.fixture(scope="module")
def agent(emulator: Emulator) -> str:
    """Cloud Storage's own account, which may publish."""
    found = emulator.get(f"/storage/v1/projects/{PROJECT}/serviceAccount").json
    email = str(found["email_address"])
    grant(emulator, f"serviceAccount:{email}", "roles/pubsub.publisher")
    return email


def grant(emulator: Emulator, member: str, *roles: str) -> None:
    path = f"/v3/projects/{PROJECT}"
    policy = emulator.post(f"{path}:getIamPolicy").json
    policy["bindings"] += [{"role": role, "members": [member]} for role in roles]
    assert emulator.post(f"{path}:setIamPolicy", {"policy": policy}).code == 200


@pytest.fixture(scope="module")
def account(emulator: Emulator) -> str:
    email = emulator.account("receiver")
    roles = ("roles/workflows.invoker", "roles/eventarc.eventReceiver")
    grant(emulator, f"serviceAccount:{email}", *roles)
    return email


@pytest.fixture
def workflow(emulator: Emulator, fresh_name: str) -> str:
    made = emulator.post(
        f"/v1/{PARENT}/workflows?workflowId={fresh_name}", {"sourceContents": ECHO}
    )
    assert made.code == 200, made.body
    return f"{PARENT}/workflows/{fresh_name}"


def trigger(workflow: str, account: str, **filters: str) -> dict[str, Any]:
    return {
        "event_filters": [{"attribute": a, "value": v} for a, v in filters.items()],
        "destination": {"workflow": workflow},
        "service_account": account,
        "labels": {"made-by": "a-test"},
    }


def upload(emulator: Emulator, bucket: str, name: str, data: bytes = b"a,b\n") -> None:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}"
    assert emulator.post(path, data, content_type="text/csv").code == 200


def until(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.03)
    raise AssertionError("it did not happen")


def arguments(emulator: Emulator, workflow: str) -> list[Any]:
    """Of all executions; the same as their results."""
    found = emulator.get(f"/v1/{workflow}/executions?view=FULL").json["executions"]
    return [json.loads(one["argument"]) for one in found]


def test_an_upload_starts_a_workflow_with_the_event(
    emulator: Emulator, client: EventarcClient, bucket: str, workflow: str, account: str, agent: str
) -> None:
    wanted = trigger(workflow, account, type=FINALIZED, bucket=bucket)
    operation = client.create_trigger(parent=PARENT, trigger=wanted, trigger_id=f"on-{bucket}")
    made = operation.result(timeout=20)
    assert made.transport.pubsub.topic.startswith(f"projects/{PROJECT}/topics/eventarc-")
    assert made.service_account.endswith(account)

    upload(emulator, bucket, "in/a.csv")
    (event,) = until(lambda: arguments(emulator, workflow))
    assert event["type"] == FINALIZED
    assert event["bucket"] == bucket
    assert event["source"] == f"//storage.googleapis.com/projects/_/buckets/{bucket}"
    assert event["subject"] == "objects/in/a.csv"
    assert event["specversion"] == "1.0"
    assert event["datacontenttype"] == "application/json"
    assert (event["data"]["name"], event["data"]["size"]) == ("in/a.csv", "4")

    client.delete_trigger(name=made.name).result(timeout=20)
    with pytest.raises(exceptions.NotFound):
        client.get_trigger(name=made.name)
    upload(emulator, bucket, "in/b.csv")
    assert len(arguments(emulator, workflow)) == 1


def test_only_what_is_waited_for_counts(
    emulator: Emulator, client: EventarcClient, bucket: str, workflow: str, account: str, agent: str
) -> None:
    kind = "google.cloud.storage.object.v1.deleted"
    wanted = trigger(workflow, account, type=kind, bucket=bucket)
    client.create_trigger(parent=PARENT, trigger=wanted, trigger_id=f"on-{bucket}").result(20)
    upload(emulator, bucket, "a")
    assert emulator.call("DELETE", f"/storage/v1/b/{bucket}/o/a").code == 204
    (event,) = until(lambda: arguments(emulator, workflow))
    assert event["type"] == kind


def test_a_message_starts_a_workflow(
    emulator: Emulator, client: EventarcClient, workflow: str, account: str, fresh_name: str
) -> None:
    wanted = trigger(workflow, account, type=PUBLISHED)
    made = client.create_trigger(
        parent=PARENT, trigger=wanted, trigger_id=f"on-{fresh_name}"
    ).result(timeout=20)
    topic = made.transport.pubsub.topic
    message = {"data": base64.b64encode(b"hi").decode(), "attributes": {"n": "1"}}
    assert emulator.post(f"/v1/{topic}:publish", {"messages": [message]}).code == 200
    (event,) = until(lambda: arguments(emulator, workflow))
    assert event["type"] == PUBLISHED
    assert event["source"] == f"//pubsub.googleapis.com/{topic}"
    assert event["data"]["message"]["data"] == message["data"]
    assert event["data"]["message"]["attributes"] == {"n": "1"}
    assert event["data"]["subscription"] == made.transport.pubsub.subscription


def test_what_is_refused_is_logged_and_tried_again(
    emulator: Emulator, client: EventarcClient, bucket: str, workflow: str, agent: str
) -> None:
    nobody = emulator.account("no-receiver")
    wanted = trigger(workflow, nobody, type=FINALIZED, bucket=bucket)
    client.create_trigger(parent=PARENT, trigger=wanted, trigger_id=f"on-{bucket}").result(20)
    upload(emulator, bucket, "a")
    asked = {
        "resourceNames": [f"projects/{PROJECT}"],
        "filter": f'resource.type="eventarc.googleapis.com/Trigger" AND '
        f'resource.labels.trigger="on-{bucket}"',
    }
    (entry,) = until(lambda: emulator.post("/v2/entries:list", asked).json.get("entries"))
    assert "eventarc.events.receiveEvent" in entry["jsonPayload"]["message"]
    assert emulator.get(f"/v1/{workflow}/executions").json["executions"] == []


def test_a_trigger_is_listed_and_changed(
    emulator: Emulator,
    client: EventarcClient,
    bucket: str,
    workflow: str,
    account: str,
    agent: str,
) -> None:
    wanted = trigger(workflow, account, type=FINALIZED, bucket=bucket)
    made = client.create_trigger(parent=PARENT, trigger=wanted, trigger_id=f"t-{bucket}").result(20)
    assert made.name in [found.name for found in client.list_triggers(parent=PARENT)]
    made.labels = {"made-by": "somebody"}
    changed = client.update_trigger(trigger=made, update_mask="labels").result(20)
    assert dict(changed.labels) == {"made-by": "somebody"}
    assert changed.etag != made.etag
    assert changed.destination.workflow == workflow
    providers = [found.name for found in client.list_providers(parent=PARENT)]
    assert f"{PARENT}/providers/storage.googleapis.com" in providers


def test_refusals(
    client: EventarcClient, bucket: str, workflow: str, account: str, agent: str
) -> None:
    def create(id_: str = "fine", **changes: Any) -> Any:
        wanted = trigger(workflow, account, type=FINALIZED, bucket=bucket) | changes
        return client.create_trigger(parent=PARENT, trigger=wanted, trigger_id=id_)

    with pytest.raises(exceptions.BadRequest, match="trigger ID"):
        create("Not_Fine")
    with pytest.raises(exceptions.BadRequest, match="'bucket' is required"):
        create(event_filters=[{"attribute": "type", "value": FINALIZED}])
    with pytest.raises(exceptions.BadRequest, match=r"service_account must be set"):
        create(service_account="")
    with pytest.raises(exceptions.BadRequest, match="destination must be set"):
        create(destination={})
    with pytest.raises(exceptions.MethodNotImplemented, match="do not happen here"):
        create(event_filters=[{"attribute": "type", "value": "google.cloud.audit.log.v1.written"}])
    create(f"twice-{bucket}").result(20)
    with pytest.raises(exceptions.Conflict):
        create(f"twice-{bucket}")


def test_storage_s_account_must_be_allowed_to_publish(emulator: Emulator, account: str) -> None:
    """In a project where nobody gave it the role."""
    body = {
        "eventFilters": [
            {"attribute": "type", "value": FINALIZED},
            {"attribute": "bucket", "value": "some-bucket"},
        ],
        "destination": {"workflow": "projects/other-project/locations/l/workflows/w"},
        "serviceAccount": account,
    }
    path = "/v1/projects/other-project/locations/europe-west1/triggers?triggerId=t"
    refused = emulator.post(path, body)
    assert refused.code == 400
    assert "requires the Pub/Sub Publisher (roles/pubsub.publisher)" in refused.message
