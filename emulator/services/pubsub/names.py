"""Names of topics and subscriptions, and what they may hold (Pub/Sub: Topic, Subscription)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.cloud import Projects
from emulator.drive.names import known
from emulator.errors import ApiError, invalid

Json = Any
DELETED = "_deleted-topic_"
"""What a subscription's topic is called when the topic is gone."""
_NAME = re.compile(r"projects/([^/]+)/(topics|subscriptions)/([^/]+)")
_ID = re.compile(r"(?!goog)[A-Za-z][A-Za-z0-9._~%+-]{2,254}")
_FIRST_DEADLINE = 10
_DAY = 86400.0
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)s")
ELSEWHERE = {
    "bigqueryConfig": "BigQuery subscriptions",
    "cloudStorageConfig": "Cloud Storage subscriptions",
    "bigtableConfig": "Bigtable subscriptions",
    "messageTransforms": "message transforms",
    "schemaSettings": "schemas",
    "ingestionDataSourceSettings": "ingestion from elsewhere",
}


def name_of(text: str, kind: str, projects: Projects) -> str:
    """With the project's id; INVALID_ARGUMENT for what is no name of a `kind`."""
    found = _NAME.fullmatch(text)
    if not found or found[2] != kind:
        raise invalid(f"Invalid resource name given (name={text}).")
    return f"projects/{known(found[1], projects)}/{kind}/{found[3]}"


def new_name(text: str, kind: str, projects: Projects) -> str:
    """The same for what is to be made."""
    name = name_of(text, kind, projects)
    if not _ID.fullmatch(name.rpartition("/")[2]):
        raise invalid(f"Invalid [{kind}] name: (name={text})")
    return name


def project_of(text: str, projects: Projects) -> str:
    head, _, project = text.partition("/")
    if head != "projects" or not project or "/" in project:
        raise invalid(f"Invalid resource name given (name={text}).")
    return f"projects/{known(project, projects)}"


def refuse_elsewhere(given: Mapping[str, Json]) -> None:
    for field, what in ELSEWHERE.items():
        if given.get(field):
            raise ApiError("UNIMPLEMENTED", f"{what} are not served by this emulator.")


def subscription(given: Mapping[str, Json]) -> dict[str, Json]:
    """With Pub/Sub's defaults; ApiError for what Pub/Sub would refuse."""
    refuse_elsewhere(given)
    deadline = int(given.get("ackDeadlineSeconds") or _FIRST_DEADLINE)
    if not 10 <= deadline <= 600:
        raise invalid(f"Invalid ack deadline given: {deadline}. It must be from 10 to 600 seconds.")
    whole = {
        **{field: value for field, value in given.items() if value not in (None, "", False)},
        "ackDeadlineSeconds": deadline,
        "messageRetentionDuration": given.get("messageRetentionDuration") or "604800s",
        "pushConfig": _push(given.get("pushConfig") or {}),
        "state": "ACTIVE",
    }
    _check_spans(whole)
    return whole


def _push(given: Mapping[str, Json]) -> dict[str, Json]:
    endpoint = given.get("pushEndpoint", "")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise invalid(f"Invalid push endpoint given (endpoint={endpoint}).")
    return dict(given)


def _check_spans(whole: Mapping[str, Json]) -> None:
    kept = seconds(whole["messageRetentionDuration"], 0)
    if not 600 <= kept <= 31 * _DAY:
        raise invalid("The message retention duration must be from 10 minutes to 31 days.")
    if policy := whole.get("deadLetterPolicy"):
        attempts = int(policy.get("maxDeliveryAttempts") or 5)
        if not 5 <= attempts <= 100:
            raise invalid("max_delivery_attempts must be from 5 to 100.")


def seconds(text: str | None, default: float) -> float:
    """Of a google.protobuf.Duration in JSON."""
    if not text:
        return default
    found = _DURATION.fullmatch(text)
    if not found:
        raise invalid(f'Invalid duration "{text}".')
    return float(found[1])
