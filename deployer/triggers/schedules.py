"""Time triggers: Mage's intervals as cron, and what a scheduled run knows of its interval.

Cloud Scheduler sends the same argument at every tick. So the argument carries how long the
interval is and when it begins, and the workflow finds the latest tick from the clock.
"""

from __future__ import annotations

import re
from typing import Any

from deployer.model import Pipeline, Trigger
from deployer.triggers import limits

DAY = 86_400
CRON = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 1",
    "@monthly": "0 0 1 * *",
}
"""Mage: weekly is Monday 00:00, all in UTC."""
FIRST_SUNDAY = 3
"""Days from the epoch, a Thursday."""


def cron(trigger: Trigger) -> str | None:
    """The schedule for Cloud Scheduler; None for @always_on and other triggers. `@once` needs a
    start_time: its job fires at that minute, and in other years the run ends at once.
    """
    interval = trigger.interval or ""
    if interval == limits.ONCE and (start := limits.beginning(trigger)):
        return f"{start.minute} {start.hour} {start.day} {start.month} *"
    return CRON.get(interval, None if interval.startswith("@") else interval or None)


def argument(pipeline: Pipeline, trigger: Trigger) -> dict[str, Any]:
    """What starts a run of this trigger: the execution's argument."""
    about: dict[str, Any] = {"name": trigger.name, "type": trigger.kind}
    if trigger.settings.get("allow_blocks_to_fail"):
        about["allow_blocks_to_fail"] = True
    if schedule := cron(trigger):
        period, phase = regular(schedule) or (0, 0)
        about |= {"period": period, "phase": phase}
    about |= limits.told(pipeline, trigger)
    return {"variables": dict(trigger.variables), "trigger": about}


def regular(schedule: str) -> tuple[int, int] | None:
    """(seconds between ticks, seconds from the epoch to a tick) of a cron with a constant period.

    >>> regular("30 5 * * *")
    (86400, 19800)
    """
    fields = schedule.split()
    if len(fields) != 5 or fields[2:4] != ["*", "*"]:
        return None
    minute, hour, weekday = fields[0], fields[1], fields[4]
    if weekday != "*":
        return _weekly(minute, hour, weekday)
    if hour == "*" and (every := _every(minute, 60)):
        return every * 60, 0
    if not minute.isdigit():
        return None
    if hour.isdigit():
        return DAY, int(hour) * 3600 + int(minute) * 60
    every = _every(hour, 24)
    return (every * 3600, int(minute) * 60) if every else None


def _weekly(minute: str, hour: str, weekday: str) -> tuple[int, int] | None:
    if not (minute.isdigit() and hour.isdigit() and re.fullmatch("[0-7]", weekday)):
        return None
    day = (FIRST_SUNDAY + int(weekday)) % 7
    return 7 * DAY, day * DAY + int(hour) * 3600 + int(minute) * 60


def _every(field: str, whole: int) -> int:
    """N of `*/n` when the whole is divided evenly, 1 of `*`; 0 otherwise."""
    if field == "*":
        return 1
    found = re.fullmatch(r"\*/(\d+)", field)
    step = int(found[1]) if found else 0
    return step if step and whole % step == 0 else 0
