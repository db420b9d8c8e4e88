"""Relays really run, on the emulator's machine of the Workflows language."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deployer.triggers.relay import Relay
from emulator.workflows.effects import HttpCall, Reply, Succeeded
from emulator.workflows.machine import execute
from emulator.workflows.parse import parse

URL = (
    "https://workflowexecutions.googleapis.com/v1/projects/p/locations/l/workflows/daily/executions"
)
FINALIZED = "google.cloud.storage.object.v1.finalized"
EVENT = {
    "id": "17",
    "type": FINALIZED,
    "source": "//storage.googleapis.com/projects/_/buckets/drop",
    "time": "2026-01-31T12:00:00Z",
    "data": {"bucket": "drop", "name": "in/a.csv", "size": "4", "etag": "x", "generation": "9"},
}
ENVIRONMENT = {"GOOGLE_CLOUD_PROJECT_NUMBER": "123", "GOOGLE_CLOUD_LOCATION": "europe-west1"}


def relay(pattern: dict[str, Any], is_aws: bool = False, **variables: Any) -> Relay:
    trigger = {"name": "arrivals", "type": "event"}
    return Relay(URL, FINALIZED, is_aws, pattern, {"variables": variables, "trigger": trigger})


def started(made: Relay, event: dict[str, Any] = EVENT) -> Any:
    """The argument of the run that this event starts; None when it starts none."""
    machine = execute(parse(made.source), event, ENVIRONMENT, seed=1)
    asked, reply = None, None
    while True:
        try:
            yielded = machine.send(reply)
        except StopIteration as ended:
            assert isinstance(ended.value, Succeeded), ended.value
            return asked
        (request,) = yielded.requests
        assert isinstance(request.effect, HttpCall)
        assert request.effect.url == URL
        assert request.effect.auth is not None
        assert request.effect.auth["type"] == "OAuth2"
        asked = json.loads(json.loads(request.effect.body or b"")["argument"])
        body = {"name": "projects/1/locations/l/workflows/daily/executions/e"}
        reply = Reply(request.id, {"code": 200, "headers": {}, "body": body})


def test_a_run_gets_the_event_and_the_variables_of_its_trigger() -> None:
    argument = started(relay({}, source="drop"))
    assert argument == {
        "variables": {"source": "drop"},
        "trigger": {"name": "arrivals", "type": "event", "event": EVENT},
    }


def test_blocks_written_for_s3_find_its_event() -> None:
    event = started(relay({}, is_aws=True))["trigger"]["event"]
    assert event["source"] == "aws.s3"
    assert event["detail-type"] == "Object Created"
    assert event["resources"] == ["arn:aws:s3:::drop"]
    assert event["detail"]["bucket"] == {"name": "drop"}
    assert event["detail"]["object"] == {
        "key": "in/a.csv",
        "size": 4,
        "etag": "x",
        "version-id": "9",
    }
    assert event["detail"]["reason"] == "PutObject"


@pytest.mark.parametrize(
    ("wanted", "starts"),
    [
        (["in/a.csv"], True),
        (["in/b.csv", "in/a.csv"], True),
        ("in/a.csv", True),
        (["in/b.csv"], False),
        ([{"prefix": "in/"}], True),
        ([{"prefix": "out/"}], False),
        ([{"prefix": "in/", "suffix": ".csv"}], True),
        ([{"suffix": "xcsv"}], False),
        ([{"suffix": ".parquet"}, "in/a.csv"], True),
        ([{"prefix": "in/."}], False),
    ],
)
def test_a_pattern_decides(wanted: Any, starts: bool) -> None:
    aws = {"source": ["aws.s3"], "detail": {"object": {"key": wanted}}}
    assert (started(relay(aws, is_aws=True)) is not None) is starts
    assert (started(relay({"data": {"name": wanted}})) is not None) is starts


def test_what_is_not_there_does_not_fit() -> None:
    assert started(relay({"data": {"owner": {"name": ["me"]}}})) is None


def test_texts_are_never_taken_for_expressions() -> None:
    text = '${sys.get_env("GOOGLE_CLOUD_LOCATION")} "quoted" \n ☃'
    assert started(relay({}, danger=text))["variables"] == {"danger": text}
    assert started(relay({"data": {"name": [text]}})) is None
    event = {**EVENT, "data": {**EVENT["data"], "name": text}}
    assert started(relay({"data": {"name": [text]}}), event) is not None
