from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from studio.server.errors import StudioError
from studio.server.files import Files
from studio.server.messages import TriggerChange
from studio.server.timers import Timers

WRITTEN = """\
# agreed with the night shift
triggers:
- name: nightly  # after the backup
  schedule_type: time
  schedule_interval: '0 2 * * *'
  status: active
"""


@pytest.fixture
def timers(project: Path) -> Timers:
    return Timers(Files(project))


def entries(timers: Timers) -> list[dict[str, object]]:
    return list(yaml.safe_load(timers.place("trips").read_text())["triggers"])


def test_the_first_trigger_makes_the_file(timers: Timers) -> None:
    timers.add("trips", TriggerChange("hourly", "time", "@hourly", active=True))
    [entry] = entries(timers)
    assert (entry["schedule_interval"], entry["status"]) == ("@hourly", "active")
    assert entry["pipeline_uuid"] == "trips"
    assert entry["last_enabled_at"]


def test_pausing_keeps_comments_and_the_rest(timers: Timers) -> None:
    timers.place("trips").write_text(WRITTEN)
    timers.change("trips", "nightly", TriggerChange(active=False))
    assert timers.place("trips").read_text() == WRITTEN.replace("active", "inactive")


def test_an_api_trigger_needs_no_interval(timers: Timers) -> None:
    timers.add("trips", TriggerChange("ask", "api", active=True, variables={"limit": 3}))
    assert entries(timers)[0]["variables"] == {"limit": 3}


def test_an_event_trigger_keeps_what_it_waits_for(timers: Timers) -> None:
    matcher = {"event_type": "aws_event", "pattern": {"source": ["aws.s3"]}}
    timers.add("trips", TriggerChange("arrival", "event", active=True, matchers=[matcher]))
    assert entries(timers)[0]["event_matchers"] == [matcher]
    for wrong in ([], [{"event_type": "aws_event"}]):
        with pytest.raises(StudioError, match="matchers"):
            timers.change("trips", "arrival", TriggerChange(matchers=wrong))


def test_a_removed_trigger_leaves_the_others(timers: Timers) -> None:
    timers.place("trips").write_text(WRITTEN)
    timers.add("trips", TriggerChange("ask", "api"))
    timers.remove("trips", "nightly")
    assert [entry["name"] for entry in entries(timers)] == ["ask"]


@pytest.mark.parametrize(
    "wanted",
    [
        TriggerChange(None, "time", "@daily"),
        TriggerChange("nightly", "time", "@daily"),
        TriggerChange("bad", "time", "61 * * * *"),
        TriggerChange("bad", "time", "now and then"),
        TriggerChange("bad", "carrier pigeon"),
    ],
)
def test_what_no_deployment_takes_is_not_written(timers: Timers, wanted: TriggerChange) -> None:
    timers.place("trips").write_text(WRITTEN)
    with pytest.raises(StudioError):
        timers.add("trips", wanted)
    assert timers.place("trips").read_text() == WRITTEN


def test_the_next_times_follow_the_schedule(timers: Timers) -> None:
    first, second, _ = timers.next_times("*/10 * * * *")
    assert second - first == 600
    assert first % 600 == 0
