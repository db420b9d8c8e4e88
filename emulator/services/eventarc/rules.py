"""What a Trigger may hold, in Eventarc's words (Eventarc: Trigger, "Event types")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.errors import ApiError, invalid

Json = Any
STORAGE = tuple(
    f"google.cloud.storage.object.v1.{what}"
    for what in ("finalized", "deleted", "archived", "metadataUpdated")
)
PUBSUB = "google.cloud.pubsub.topic.v1.messagePublished"
SETTABLE = (
    "eventFilters", "serviceAccount", "destination", "transport", "labels", "eventDataContentType",
    "retryPolicy",
)  # fmt: skip
CHANGEABLE = ("eventFilters", "serviceAccount", "destination", "labels", "eventDataContentType")
ELSEWHERE = ("gke", "httpEndpoint", "cloudFunction")
_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_WORKFLOW = re.compile(r"projects/[^/]+/locations/[^/]+/workflows/[^/:]+")


def trigger_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise invalid(
            f"Invalid trigger ID '{text}': it must be 1 to 63 lower-case letters, digits and "
            "hyphens, start with a letter and not end with a hyphen."
        )
    return text


def check(trigger: Mapping[str, Json]) -> None:
    """Every mistake at once."""
    _refuse_elsewhere(trigger)
    if problems := list(_problems(trigger)):
        raise invalid(" ".join(problems))


def _refuse_elsewhere(trigger: Mapping[str, Json]) -> None:
    destination = trigger.get("destination") or {}
    if found := next((kind for kind in ELSEWHERE if kind in destination), ""):
        raise ApiError("UNIMPLEMENTED", f"Destinations of kind {found} are not served here.")
    kind = type_of(trigger)
    if kind and kind not in (*STORAGE, PUBSUB):
        raise ApiError(
            "UNIMPLEMENTED", f"Events of type {kind} do not happen here: {PUBSUB}, {STORAGE[0]} …"
        )
    if trigger.get("channel"):
        raise ApiError("UNIMPLEMENTED", "Channels are not served by this emulator.")


def _problems(trigger: Mapping[str, Json]) -> Iterator[str]:
    filters = filters_of(trigger)
    if "type" not in filters:
        yield "invalid value for attribute 'type' in trigger.event_filters: it is required."
    if filters.get("type") in STORAGE and not filters.get("bucket"):
        yield "invalid argument: event filter for attribute 'bucket' is required."
    yield from _odd_filters(trigger)
    yield from _destination(trigger.get("destination") or {})
    if "workflow" in (trigger.get("destination") or {}) and not trigger.get("serviceAccount"):
        yield "The request was invalid: trigger.service_account must be set for workflows."


def _odd_filters(trigger: Mapping[str, Json]) -> Iterator[str]:
    known = {"type", "bucket"} if type_of(trigger) in STORAGE else {"type"}
    for found in trigger.get("eventFilters") or ():
        attribute = found.get("attribute", "")
        if attribute not in known:
            yield f"unsupported event filter attribute '{attribute}' for '{type_of(trigger)}'."
        elif found.get("operator"):
            yield f"attribute '{attribute}' does not support operator '{found['operator']}'."


def _destination(destination: Mapping[str, Json]) -> Iterator[str]:
    if workflow := destination.get("workflow"):
        if not _WORKFLOW.fullmatch(workflow):
            yield f"invalid value for trigger.destination.workflow: '{workflow}'."
    elif run := destination.get("cloudRun"):
        if not run.get("service"):
            yield "trigger.destination.cloud_run.service must be set."
        if run.get("path") and not str(run["path"]).startswith("/"):
            yield "trigger.destination.cloud_run.path must start with a slash."
    else:
        yield "The request was invalid: trigger.destination must be set."


def filters_of(trigger: Mapping[str, Json]) -> dict[str, str]:
    return {f.get("attribute", ""): f.get("value", "") for f in trigger.get("eventFilters") or ()}


def type_of(trigger: Mapping[str, Json]) -> str:
    return filters_of(trigger).get("type", "")


def account_of(trigger: Mapping[str, Json]) -> str:
    """Email of who calls the destination; empty for nobody."""
    return str(trigger.get("serviceAccount") or "").rpartition("/")[2]
