"""triggers.yaml in all its spellings."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.errors import Problem
from deployer.load.document import Document, parse
from deployer.load.triggers import is_interval, triggers
from deployer.model import Trigger


def read(text: str) -> tuple[tuple[Trigger, ...], list[Problem]]:
    document = parse(Path("triggers.yaml"), text, {})
    assert isinstance(document, Document)
    return triggers(document)


def test_a_trigger_as_mage_writes_it() -> None:
    (trigger,), problems = read(
        """
triggers:
- name: nightly
  pipeline_uuid: daily
  schedule_interval: 0 5 * * *
  schedule_type: time
  start_time: 2024-01-01 00:00:00
  status: active
  last_enabled_at: 2024-01-02 00:00:00
  sla: 60
  settings: {skip_if_previous_running: true}
  variables: {year: 2024}
"""
    )
    assert problems == []
    assert trigger.active
    assert (trigger.name, trigger.kind, trigger.interval) == ("nightly", "time", "0 5 * * *")
    assert trigger.start_time == "2024-01-01T00:00:00"
    assert trigger.settings == {"skip_if_previous_running": True, "sla": 60}
    assert trigger.variables == {"year": 2024}
    assert trigger.place.line == 3


def test_without_a_status_it_is_inactive_and_an_api_trigger_has_a_token() -> None:
    (trigger,), _ = read("triggers:\n- {name: on call, schedule_type: api, token: abc}\n")
    assert not trigger.active
    assert (trigger.kind, trigger.token, trigger.interval) == ("api", "abc", None)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("@hourly", True),
        ("@once", True),
        ("*/15 * * * *", True),
        ("0 0 1 JAN *", True),
        ("0 9 * * MON-FRI", True),
        ("61 * * * *", False),
        ("0 24 * * *", False),
        ("0 0 L * *", False),
        ("0 0 * * 1#2", False),
        ("@sometimes", False),
        ("0 0 *", False),
        ("0 0 * * * *", False),
        ("", False),
    ],
)
def test_intervals(text: str, good: bool) -> None:
    assert is_interval(text) is good


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ("{schedule_type: time}", "no name"),
        ("{name: a, schedule_type: lunar}", "lunar"),
        ("{name: a, schedule_type: time, schedule_interval: daily}", "daily"),
    ],
)
def test_mistakes_have_their_place(entry: str, word: str) -> None:
    _, (problem,) = read(f"triggers:\n- {entry}\n")
    assert word in problem.message
    assert problem.line == 2


def test_the_same_name_twice() -> None:
    entry = "- {name: a, schedule_type: api}\n"
    _, (problem,) = read(f"triggers:\n{entry}{entry}")
    assert problem.line == 3


@pytest.mark.parametrize("key", ["event_matchers", "matchers"])
def test_an_event_trigger_knows_what_it_waits_for(key: str) -> None:
    matcher = "{event_type: aws_event, pattern: {source: [aws.s3]}}"
    (trigger,), problems = read(
        f"triggers:\n- {{name: on file, schedule_type: event, {key}: [{matcher}]}}\n"
    )
    assert problems == []
    assert trigger.kind == "event"
    assert trigger.matchers == ({"event_type": "aws_event", "pattern": {"source": ["aws.s3"]}},)
