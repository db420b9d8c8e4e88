"""Eventarc's rows: Google's client, over REST."""

from __future__ import annotations

from typing import Any

from google.api_core.exceptions import BadRequest, Conflict, MethodNotImplemented, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud.eventarc_v1 import EventarcClient

from tests.emulator.conformance.rows import PROJECT, Place, Rows

ROWS = Rows("Eventarc")
PARENT = f"projects/{PROJECT}/locations/europe-west1"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


def client(place: Place) -> EventarcClient:
    return EventarcClient(
        transport="rest",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": place.url},
    )


def create(place: Place, kind: str = PUBLISHED, **changes: Any) -> Any:
    account = place.emulator.account("conforming")
    trigger = {
        "event_filters": [{"attribute": "type", "value": kind}],
        "destination": {"workflow": f"{PARENT}/workflows/any"},
        "service_account": account,
        **changes,
    }
    made = client(place)
    return made.create_trigger(parent=PARENT, trigger=trigger, trigger_id=place.name).result(20)


@ROWS.works("EventarcClient.create_trigger, get_trigger, list_triggers, delete_trigger")
def _(place: Place) -> None:
    name, at = create(place).name, client(place)
    assert at.get_trigger(name=name).name == name
    assert name in [one.name for one in at.list_triggers(parent=PARENT)]
    at.delete_trigger(name=name).result(20)


@ROWS.works("EventarcClient.update_trigger")
def _(place: Place) -> None:
    made = create(place)
    made.labels = {"a": "b"}
    changed = client(place).update_trigger(trigger=made, update_mask="labels").result(20)
    assert dict(changed.labels) == {"a": "b"}


@ROWS.works("EventarcClient.list_providers")
def _(place: Place) -> None:
    assert list(client(place).list_providers(parent=PARENT))


@ROWS.refuses("EventarcClient.create_trigger of one that is there", Conflict)
def _(place: Place) -> None:
    create(place)
    create(place)


@ROWS.refuses("EventarcClient.create_trigger without a destination", BadRequest)
def _(place: Place) -> None:
    create(place, destination={})


@ROWS.refuses("EventarcClient.get_trigger of one that is not there", NotFound)
def _(place: Place) -> None:
    client(place).get_trigger(name=f"{PARENT}/triggers/{place.name}")


@ROWS.missing("EventarcClient.create_trigger for audit logs", MethodNotImplemented)
def _(place: Place) -> None:
    create(place, "google.cloud.audit.log.v1.written")
