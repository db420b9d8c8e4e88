"""What happened → a CloudEvent, as Eventarc words it.

To a workflow it goes as one JSON object, the execution's argument; to Cloud Run as a request with
`ce-` headers and the data as its body (Eventarc: "CloudEvents format", HTTP protocol binding).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.clock import rfc3339
from emulator.cloud import ObjectEvent
from emulator.services.eventarc.rules import PUBSUB

Json = Any
NO_EXTENSION = frozenset({"data", "datacontenttype"})


def of_object(event: ObjectEvent, id_: str) -> dict[str, Json]:
    bucket, name = event.resource["bucket"], event.resource["name"]
    return {
        "id": id_,
        "source": f"//storage.googleapis.com/projects/_/buckets/{bucket}",
        "specversion": "1.0",
        "type": event.type,
        "subject": f"objects/{name}",
        "time": rfc3339(event.time),
        "bucket": bucket,
        "datacontenttype": "application/json",
        "data": {key: value for key, value in event.resource.items() if key != "acl"},
    }


def of_message(message: Mapping[str, Json], topic: str, subscription: str) -> dict[str, Json]:
    return {
        "id": message["messageId"],
        "source": f"//pubsub.googleapis.com/{topic}",
        "specversion": "1.0",
        "type": PUBSUB,
        "time": message["publishTime"],
        "datacontenttype": "application/json",
        "data": {"message": dict(message), "subscription": subscription},
    }


def as_message(event: Mapping[str, Json]) -> dict[str, Json]:
    """How an event of a bucket travels on the trigger's own topic."""
    attributes = {f"ce-{k}": v for k, v in event.items() if k not in NO_EXTENSION}
    attributes["Content-Type"] = event["datacontenttype"]
    return {
        "data": base64.b64encode(orjson.dumps(event["data"])).decode(),
        "attributes": attributes,
    }


def of_transported(message: Mapping[str, Json]) -> dict[str, Json]:
    """`as_message`, backwards."""
    attributes = message["attributes"]
    told = {k.removeprefix("ce-"): v for k, v in attributes.items() if k.startswith("ce-")}
    data = orjson.loads(base64.b64decode(message["data"]))
    return {**told, "datacontenttype": attributes["Content-Type"], "data": data}


def headers(event: Mapping[str, Json]) -> dict[str, str]:
    told = {f"ce-{k}": str(v) for k, v in event.items() if k not in NO_EXTENSION}
    return {**told, "Content-Type": event["datacontenttype"]}
