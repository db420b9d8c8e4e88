"""Intervals as cron, and the constant period of a cron."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from croniter import croniter

from deployer.model import Place, Trigger
from deployer.triggers.schedules import argument, cron, regular
from tests.deployer.making import pipeline


def trigger(interval: str | None, **settings: object) -> Trigger:
    place = Place(Path("triggers.yaml"), 1)
    return Trigger("t", "time", place, interval=interval, settings=settings, variables={"a": 1})


@pytest.mark.parametrize(
    ("interval", "schedule"),
    [
        ("@hourly", "0 * * * *"),
        ("@weekly", "0 0 * * 1"),
        ("5 4 * * *", "5 4 * * *"),
        ("@once", None),
        ("@always_on", None),
        (None, None),
    ],
)
def test_cron(interval: str | None, schedule: str | None) -> None:
    assert cron(trigger(interval)) == schedule


REGULAR = [
    "* * * * *",
    "*/15 * * * *",
    "0 * * * *",
    "7 * * * *",
    "0 */6 * * *",
    "30 5 * * *",
    "0 0 * * 1",
    "15 3 * * 0",
    "15 3 * * 7",
]


@pytest.mark.parametrize("schedule", REGULAR)
def test_the_period_gives_the_ticks_that_cron_gives(schedule: str) -> None:
    period, phase = regular(schedule) or (0, 0)
    ticks = croniter(schedule, datetime.datetime(2024, 2, 27, tzinfo=datetime.UTC))
    for _ in range(20):
        tick = int(ticks.get_next(float))
        assert (tick - phase) % period == 0
        assert int(ticks.get_next(float)) == tick + period
        ticks.get_prev(float)


@pytest.mark.parametrize(
    "schedule", ["0 0 1 * *", "*/7 * * * *", "0 9-17 * * *", "0 0 * * 1-5", "0,30 * * * *"]
)
def test_what_has_no_constant_period(schedule: str) -> None:
    assert regular(schedule) is None


def test_the_argument_of_a_scheduled_run() -> None:
    assert argument(pipeline(), trigger("@daily", allow_blocks_to_fail=True)) == {
        "variables": {"a": 1},
        "trigger": {
            "name": "t",
            "type": "time",
            "allow_blocks_to_fail": True,
            "period": 86400,
            "phase": 0,
        },
    }
