"""Backfills against a cloud that is a list of executions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from deployer.errors import UsageError
from deployer.gcp.executions import Execution
from deployer.gcp.failures import Missing
from deployer.model import Pipeline, PipelineId, Place
from deployer.runs.backfill import (
    Backfill,
    Every,
    SlotState,
    name_of,
    parsed_date,
    parsed_every,
    slots,
)
from deployer.target import Polling

DAILY = Pipeline(PipelineId("daily"), Place(Path("metadata.yaml")), "python", ())
DAY = Every("day")
NEW_YEAR = datetime(2024, 1, 1)


@dataclass
class Cloud:
    """Each run goes on for one look, then ends as its date says."""

    bad: frozenset[str] = frozenset()
    deployed: bool = True
    made: list[Execution] = field(default_factory=list)
    most: int = 0
    result: str = ""

    def start(self, workflow: str, argument: Mapping[str, Any]) -> Execution:
        name = f"p/workflows/{workflow}/executions/r{len(self.made)}"
        self.made.append(Execution(name, "ACTIVE", workflow, dict(argument)))
        self.most = max(self.most, sum(not e.over for e in self.made))
        return self.made[-1]

    def get(self, workflow: str, run: str) -> Execution:
        place = next(n for n, e in enumerate(self.made) if e.id == run)
        date = self.made[place].argument["trigger"]["execution_date"]
        ending = "FAILED" if date[:10] in self.bad else "SUCCEEDED"
        if not self.made[place].over:
            self.made[place] = replace(
                self.made[place], state=ending, duration=2.0, result=self.result
            )
        return self.made[place]

    def all(self, workflow: str) -> Iterator[Execution]:
        if not self.deployed:
            raise Missing("no such workflow")
        yield from reversed(self.made)


def backfill(cloud: Cloud, days: int = 3, at_once: int = 1) -> Backfill:
    stretch = slots(NEW_YEAR, datetime(2024, 1, days), DAY)
    return Backfill(DAILY, stretch, name_of(DAILY, DAY), cloud, Polling(0, 0),
                    {"colour": "green"}, at_once, lambda _: None)  # fmt: skip


def endings(states: Iterator[SlotState]) -> dict[str, str]:
    return {s.slot.date[:10]: s.state for s in states if s.over}


def test_every_day_gets_a_run_with_its_interval() -> None:
    cloud = Cloud()
    assert set(endings(backfill(cloud).perform()).values()) == {"SUCCEEDED"}
    assert [e.argument["trigger"] for e in cloud.made][1] == {
        "name": "Backfill daily every 1 day",
        "type": "backfill",
        "execution_date": "2024-01-02T00:00:00Z",
        "interval_start_datetime": "2024-01-02T00:00:00Z",
        "interval_end_datetime": "2024-01-03T00:00:00Z",
        "interval_start_datetime_previous": "2024-01-01T00:00:00Z",
        "interval_seconds": 86_400,
    }
    assert cloud.made[1].argument["variables"] == {"colour": "green"}
    assert "run" not in cloud.made[1].argument


def test_a_skipped_interval_is_not_done() -> None:
    cloud = Cloud(result='{"skipped": "as many runs as are allowed were active"}')
    assert endings(backfill(cloud, days=1).perform()) == {"2024-01-01": "SKIPPED"}
    cloud.result = ""
    assert endings(backfill(cloud, days=1).perform()) == {"2024-01-01": "SUCCEEDED"}
    assert len(cloud.made) == 2


def test_done_intervals_are_left_alone_and_failed_ones_gone_on_with() -> None:
    cloud = Cloud(bad=frozenset({"2024-01-02"}))
    assert endings(backfill(cloud).perform())["2024-01-02"] == "FAILED"
    cloud.bad = frozenset()
    again = list(backfill(cloud, days=4).perform())
    assert endings(iter(again)) == {f"2024-01-0{n}": "SUCCEEDED" for n in (1, 2, 3, 4)}
    assert [s.slot.date[:10] for s in again if s.earlier] == ["2024-01-01", "2024-01-03"]
    assert [e.argument.get("run") for e in cloud.made] == [None, None, None, "r1", None]


def test_a_run_that_failed_twice_keeps_the_first_ones_outputs() -> None:
    cloud = Cloud(bad=frozenset({"2024-01-01"}))
    for _ in range(3):
        endings(backfill(cloud, days=1).perform())
    assert [e.argument.get("run") for e in cloud.made] == [None, "r0", "r0"]


def test_what_is_going_on_is_waited_for_not_started_again() -> None:
    cloud = Cloud()
    first = backfill(cloud).perform()
    next(first)  # and the caller is killed here
    assert set(endings(backfill(cloud).perform()).values()) == {"SUCCEEDED"}
    assert len(cloud.made) == 3


def test_so_many_side_by_side() -> None:
    cloud = Cloud()
    endings(backfill(cloud, days=9, at_once=4).perform())
    assert (cloud.most, len(cloud.made)) == (4, 9)


def test_nothing_is_known_of_what_is_not_deployed() -> None:
    assert {s.state for s in backfill(Cloud(deployed=False)).states()} == {"WAITING"}


@pytest.mark.parametrize(
    ("text", "every"),
    [("day", DAY), ("6 hours", Every("hour", 6)), ("30min", Every("minute", 30)),
     ("2w", Every("week", 2)), ("monthly", Every("month")), ("Year", Every("year"))],
)  # fmt: skip
def test_intervals_as_people_write_them(text: str, every: Every) -> None:
    assert parsed_every(text) == every


@pytest.mark.parametrize("text", ["", "0 days", "fortnight", "day 2", "-1 day"])
def test_what_is_no_interval(text: str) -> None:
    with pytest.raises(UsageError, match="no interval"):
        parsed_every(text)


def test_months_end_where_months_end() -> None:
    found = slots(datetime(2024, 1, 31), datetime(2024, 4, 30), Every("month"))
    assert [s.date[:10] for s in found] == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]


def test_dates_in_utc() -> None:
    assert parsed_date("2024-01-31", "--from") == datetime(2024, 1, 31)
    assert parsed_date("2024-01-31T01:00+02:00", "--from") == datetime(2024, 1, 30, 23)
    with pytest.raises(UsageError, match="no date"):
        parsed_date("yesterday", "--from")


def test_stretches_that_cannot_be_meant() -> None:
    with pytest.raises(UsageError, match="before"):
        slots(datetime(2024, 2, 1), NEW_YEAR, DAY)
    with pytest.raises(UsageError, match="more than"):
        slots(NEW_YEAR, datetime(2025, 1, 1), Every("minute"))
