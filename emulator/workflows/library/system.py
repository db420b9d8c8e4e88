"""sys, time and uuid (Workflows: Standard library). What needs a clock or chance is asked for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from emulator.workflows.effects import Log, Now, Sleep, SleepUntil, Uuid
from emulator.workflows.errors import key_error, type_error, value_error
from emulator.workflows.functions import REQUIRED, Context, Function
from emulator.workflows.library import checks

SEVERITIES = frozenset(
    (
        "DEFAULT",
        "DEBUG",
        "INFO",
        "NOTICE",
        "WARNING",
        "ERROR",
        "CRITICAL",
        "ALERT",
        "EMERGENCY",
    )
)
RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?(?:([Zz])|([+-])(\d\d):(\d\d))"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ABSENT = object()


def get_env(context: Context, name: Any, default: Any) -> Any:
    found = context.environment.get(checks.text(name, "'name'"), default)
    if found is not ABSENT:
        return found
    if context.choices.missing_variable == "null":
        return None
    raise key_error(name)


def log(_: Context, data: Any, severity: Any, text: Any, json: Any, timeout: Any) -> Log:
    """Exactly one of data, text and json."""
    given = [value for value in (data, text, json) if value is not None]
    if len(given) != 1:
        raise type_error("exactly one of 'data', 'text' and 'json' must be given")
    if checks.text(severity, "'severity'") not in SEVERITIES:
        raise value_error(f"unknown severity {severity!r}")
    if text is not None:
        checks.text(text, "'text'")
    if json is not None:
        checks.mapping(json, "'json'")
    return Log(given[0], severity)


def seconds_in(context: Context, value: Any) -> float:
    seconds = checks.number(value, "'seconds'")
    if not 0 <= seconds <= context.limits.wait:
        raise value_error(f"'seconds' must be between 0 and {context.limits.wait:.0f}")
    return float(seconds)


def sleep(context: Context, seconds: Any) -> Sleep:
    return Sleep(seconds_in(context, seconds))


def sleep_until(_: Context, time: Any) -> SleepUntil:
    return SleepUntil(timestamp(time))


def parse(_: Context, value: Any) -> float:
    return timestamp(value)


def timestamp(value: Any) -> float:
    """Unix seconds of an RFC 3339 text."""
    match = RFC3339.fullmatch(checks.text(value, "'value'"))
    try:
        if not match:
            raise ValueError
        year, month, day, hour, minute, second = map(int, match.groups()[:6])
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - offset(match)
    except (ValueError, OverflowError):
        raise value_error(f"invalid time {value!r}: expected RFC 3339") from None
    return (moment - EPOCH) / timedelta(seconds=1) + float(match[7] or 0)


def offset(match: re.Match[str]) -> timedelta:
    if match[8]:
        return timedelta()
    hours, minutes = int(match[10]), int(match[11])
    if hours > 23 or minutes > 59:
        raise ValueError
    return timedelta(hours=hours, minutes=minutes) * (-1 if match[9] == "-" else 1)


def format_time(_: Context, seconds: Any, timezone: Any) -> str:
    """Always six digits; `Z` for UTC."""
    value = checks.number(seconds, "'seconds'")
    name = checks.text(timezone, "'timezone'")
    try:
        moment = (EPOCH + timedelta(microseconds=micros(value))).astimezone(zone(name))
    except (ValueError, OverflowError):
        raise value_error(f"time {seconds} is out of range") from None
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0")
    return text + ("Z" if name == "UTC" else moment.isoformat()[-6:])


def micros(seconds: float) -> int:
    return seconds * 1_000_000 if type(seconds) is int else round(seconds * 1e6)


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise value_error(f"unknown timezone {name!r}") from None


FUNCTIONS = (
    Function("sys.get_env", (("name", REQUIRED), ("default", ABSENT)), get_env),
    Function(
        "sys.log",
        (
            ("data", None),
            ("severity", "DEFAULT"),
            ("text", None),
            ("json", None),
            ("timeout", None),
        ),
        ask=log,
        blocking=True,
    ),
    Function("sys.now", (), ask=lambda _: Now()),
    Function("sys.sleep", (("seconds", REQUIRED),), ask=sleep, blocking=True),
    Function("sys.sleep_until", (("time", REQUIRED),), ask=sleep_until, blocking=True),
    Function("time.format", (("seconds", REQUIRED), ("timezone", "UTC")), format_time),
    Function("time.parse", (("value", REQUIRED),), parse),
    Function("uuid.generate", (), ask=lambda _: Uuid()),
)
