"""When a job is due, and how long a failed attempt waits for the next. Pure.

Cloud Scheduler: "Cron job format and time zone", RetryConfig.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

from emulator.errors import ApiError, invalid

Json = Any
UTC = "Etc/UTC"
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)s")
_FIELDS = 5
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def next_tick(job: Mapping[str, Json], after: float) -> float:
    """The first tick later than `after`, by the clocks of the job's time zone."""
    return _next(job.get("schedule", ""), job.get("timeZone") or UTC, after)


def _next(schedule: str, zone: str, after: float) -> float:
    try:
        start = datetime.fromtimestamp(after, _zone(zone))
        return float(croniter(_cron(schedule), start).get_next(float))
    except (CroniterError, ZoneInfoNotFoundError, ValueError, OSError):
        raise _wrong() from None


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _cron(schedule: str) -> str:
    """Five fields: seconds and other extensions are not Cloud Scheduler's."""
    plain = _NAMED.get(schedule.strip(), schedule)
    if len(plain.split()) != _FIELDS:
        raise _wrong()
    return plain


def _wrong() -> ApiError:
    return invalid("Schedule or time zone is invalid.")


def seconds(text: str, field: str) -> float:
    """Of a google.protobuf.Duration in JSON."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise invalid(f"Invalid value at 'job.{field}' (type.googleapis.com/"
                      f'google.protobuf.Duration), "{text}"')  # fmt: skip
    return float(found[1])


def backoffs(config: Mapping[str, Json]) -> Iterator[float]:
    """Waits before the first, second, … retry: doubled so many times, then growing evenly.

    Cloud Scheduler's own example: 10 s, 300 s and 3 doublings give 10, 20, 40, 80, 160, 240,
    300, 300, …
    """
    least = seconds(config["minBackoffDuration"], "retryConfig.minBackoffDuration")
    most = seconds(config["maxBackoffDuration"], "retryConfig.maxBackoffDuration")
    doublings = config["maxDoublings"]
    wait, step = least, least * 2**doublings
    for number in range(10_000_000):
        yield min(wait, most)
        wait = wait * 2 if number < doublings else wait + step
