"""triggers.yaml → Triggers (Mage: "Triggers", triggers in code)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployer.errors import Problem
from deployer.load.blocks import entries
from deployer.load.document import Document, Keys, mapping_of, text_of
from deployer.model import Trigger

KINDS = ("time", "api", "event")
SPELLINGS = {"schedule": "time", "cron": "time", "": "time"}
INTERVALS = frozenset({"@once", "@hourly", "@daily", "@weekly", "@monthly", "@always_on"})
CRON_FIELDS = 5


def triggers(document: Document) -> tuple[tuple[Trigger, ...], list[Problem]]:
    """Every trigger that can be read, and what is wrong with the others."""
    problems: list[Problem] = []
    written = document.value.get("triggers")
    if written is not None and not isinstance(written, list):
        problems.append(document.problem("triggers should be a list", "triggers"))
    found = [_trigger(document, entry, n, problems) for n, entry in entries(document, "triggers")]
    named = [trigger for trigger in found if trigger]
    return tuple(named), problems + _doubles(document, named)


def _doubles(document: Document, found: list[Trigger]) -> list[Problem]:
    names = [trigger.name for trigger in found]
    return [
        Problem(document.path, trigger.place.line, f"trigger {trigger.name!r} is there twice")
        for n, trigger in enumerate(found)
        if trigger.name in names[:n]
    ]


def _trigger(document: Document, entry: Any, index: int, problems: list[Problem]) -> Trigger | None:
    keys: Keys = ("triggers", index)
    if not isinstance(entry, Mapping) or not text_of(entry.get("name")):
        problems.append(document.problem("this trigger has no name", *keys))
        return None
    name = text_of(entry["name"])
    kind = text_of(entry.get("schedule_type")).lower()
    kind = SPELLINGS.get(kind, kind)
    interval = text_of(entry.get("schedule_interval")) or None
    problems += _mistakes(document, keys, name, kind, interval)
    return Trigger(
        name=name,
        kind=kind,
        place=document.place(*keys),
        active=text_of(entry.get("status")).lower() == "active",
        interval=interval if kind == "time" else None,
        start_time=text_of(entry.get("start_time")) or None,
        token=text_of(entry.get("token")) or None,
        variables=mapping_of(entry.get("variables")),
        settings=_settings(entry),
        matchers=_matchers(entry) if kind == "event" else (),
    )


def _matchers(entry: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Mage keeps these in its database, under the first name; in code either may be written."""
    written = entry.get("event_matchers") or entry.get("matchers")
    listed = written if isinstance(written, list) else []
    return tuple(mapping_of(matcher) for matcher in listed if mapping_of(matcher))


def _settings(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    beside = {key: entry[key] for key in ("sla", "envs", "description") if entry.get(key)}
    return {**mapping_of(entry.get("settings")), **beside}


def _mistakes(
    document: Document, keys: Keys, name: str, kind: str, interval: str | None
) -> list[Problem]:
    if kind not in KINDS:
        message = f"trigger {name!r} has schedule_type {kind!r}"
        hint = f"known: {', '.join(KINDS)}"
        return [document.problem(message, *keys, "schedule_type", hint=hint)]
    if kind != "time" or interval is None or is_interval(interval):
        return []  # without an interval it never fires, as in Mage
    message = f"trigger {name!r} has no schedule_interval that can be read: {interval!r}"
    hint = "@hourly, @daily, @weekly, @monthly, @once, or five cron fields such as `0 5 * * *`"
    return [document.problem(message, *keys, "schedule_interval", hint=hint)]


def is_interval(text: str | None) -> bool:
    """One of Mage's names, or a cron expression of five fields."""
    if not text:
        return False
    return text in INTERVALS or _is_cron(text)


def _is_cron(text: str) -> bool:
    """Five fields that a clock can meet; Cloud Scheduler has no `L`, `#` and `?`."""
    from croniter import croniter

    fields = text.upper().split()
    odd = any("#" in field or "?" in field or field.endswith("L") for field in fields)
    return len(fields) == CRON_FIELDS and not odd and bool(croniter.is_valid(text))
