"""Ticks by the clocks of a time zone, and waits between attempts."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest

from emulator.errors import ApiError
from emulator.services.scheduler.moments import backoffs, next_tick, seconds


def tick(schedule: str, after: str, zone: str = "Etc/UTC") -> str:
    job = {"schedule": schedule, "timeZone": zone}
    found = next_tick(job, datetime.fromisoformat(after).timestamp())
    return datetime.fromtimestamp(found, datetime.fromisoformat(after).tzinfo).isoformat()


def test_a_tick_is_always_later_than_now() -> None:
    assert tick("0 0 * * *", "2024-02-28T00:00:00+00:00") == "2024-02-29T00:00:00+00:00"
    assert tick("*/15 * * * *", "2024-02-28T00:14:59+00:00") == "2024-02-28T00:15:00+00:00"


def test_a_tick_is_by_the_clocks_of_the_zone() -> None:
    assert tick("0 9 * * *", "2024-01-15T00:00:00+00:00", "Europe/Berlin").startswith(
        "2024-01-15T08:00"
    )
    assert tick("0 9 * * *", "2024-07-15T00:00:00+00:00", "Europe/Berlin").startswith(
        "2024-07-15T07:00"
    )


def test_an_hour_that_clocks_leave_out_still_has_its_tick() -> None:
    found = tick("30 2 * * *", "2024-03-30T12:00:00+01:00", "Europe/Berlin")
    assert found.startswith("2024-03-31T02:00")


@pytest.mark.parametrize(
    "schedule", ["", "soon", "61 * * * *", "* * * * * *", "0 0 30 2 *", "*/0 * * * *", "@once"]
)
def test_what_is_no_schedule(schedule: str) -> None:
    with pytest.raises(ApiError, match="Schedule or time zone is invalid"):
        tick(schedule, "2024-01-01T00:00:00+00:00")


def test_what_is_no_time_zone() -> None:
    with pytest.raises(ApiError, match="Schedule or time zone is invalid"):
        tick("* * * * *", "2024-01-01T00:00:00+00:00", "Mars/Olympus")


def test_waits_double_then_grow_evenly_up_to_the_longest() -> None:
    config = {"minBackoffDuration": "10s", "maxBackoffDuration": "300s", "maxDoublings": 3}
    found = list(itertools.islice(backoffs(config), 8))
    assert found == [10, 20, 40, 80, 160, 240, 300, 300]


def test_durations() -> None:
    assert seconds("1.5s", "attemptDeadline") == 1.5
    with pytest.raises(ApiError, match="attemptDeadline"):
        seconds("1m", "attemptDeadline")
