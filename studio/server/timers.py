"""Triggers of a pipeline on disk: triggers.yaml edited so that comments and order survive.

A trigger made here has the keys that Mage writes for triggers in code, in its order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from croniter import croniter
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from deployer.load.triggers import is_interval
from deployer.triggers.schedules import CRON
from studio.server.edit import dumped, yaml
from studio.server.errors import StudioError, missing
from studio.server.files import Files, write_beside
from studio.server.messages import TriggerChange
from studio.server.views import ticks_of

KINDS = ("time", "api", "event")
KEYS: Mapping[str, str] = {
    "name": "name",
    "kind": "schedule_type",
    "interval": "schedule_interval",
    "description": "description",
    "variables": "variables",
    "matchers": "event_matchers",
}
"""A field of TriggerChange → the key of triggers.yaml."""


class Timers:
    """The verbs of the triggers page."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def place(self, pipeline: str) -> Path:
        return self.files.place(f"pipelines/{pipeline}/triggers.yaml")

    def next_times(self, interval: str) -> list[float]:
        """When a schedule would start runs, before anything is saved."""
        refuse_interval(interval)
        return ticks_of(CRON.get(interval, interval))

    def add(self, pipeline: str, wanted: TriggerChange) -> None:
        def append(found: CommentedSeq) -> None:
            entry = CommentedMap(fresh(pipeline))
            found.append(entry)
            changed(found, entry, wanted)

        self._edit(pipeline, append)

    def change(self, pipeline: str, name: str, change: TriggerChange) -> None:
        self._edit(pipeline, lambda found: changed(found, named(found, name), change))

    def remove(self, pipeline: str, name: str) -> None:
        self._edit(pipeline, lambda found: found.remove(named(found, name)))

    def _edit(self, pipeline: str, change: Callable[[CommentedSeq], None]) -> None:
        place = self.place(pipeline)
        text = place.read_text() if place.is_file() else ""
        document = yaml().load(text) or CommentedMap()
        if not isinstance(document.get("triggers"), list):
            document["triggers"] = CommentedSeq()
        if not document["triggers"]:
            document["triggers"].fa.set_block_style()
        change(document["triggers"])
        write_beside(place, dumped(document))


def fresh(pipeline: str) -> dict[str, Any]:
    """An entry with nothing chosen yet; a token is made when it is deployed."""
    return {
        "description": None,
        "envs": [],
        "last_enabled_at": None,
        "name": None,
        "pipeline_uuid": pipeline,
        "schedule_interval": None,
        "schedule_type": "time",
        "settings": {},
        "sla": None,
        "start_time": None,
        "status": "inactive",
        "token": None,
        "variables": {},
    }


def named(found: CommentedSeq, name: str) -> CommentedMap:
    for entry in found:
        if entry.get("name") == name:
            trigger: CommentedMap = entry
            return trigger
    raise missing(f"trigger {name} in triggers.yaml")


def changed(found: CommentedSeq, entry: CommentedMap, change: TriggerChange) -> None:
    for field, key in KEYS.items():
        value = getattr(change, field)
        if value is not None:
            entry[key] = value
    if change.active is not None:
        switch(entry, change.active)
    refuse(found, entry)


def switch(entry: CommentedMap, active: bool) -> None:
    """Mage notes when a trigger was switched on."""
    if active and entry.get("status") != "active":
        entry["last_enabled_at"] = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    entry["status"] = "active" if active else "inactive"


def refuse(found: CommentedSeq, entry: CommentedMap) -> None:
    """What no deployment would take."""
    name = str(entry.get("name") or "").strip()
    if not name:
        raise StudioError(400, "A trigger needs a name")
    if [other.get("name") for other in found].count(name) > 1:
        raise StudioError(409, f"This pipeline has a trigger {name} already")
    kind = entry.get("schedule_type")
    if kind not in KINDS:
        raise StudioError(400, f"{kind!r} is no kind of trigger", "time, api or event")
    if kind == "time":
        refuse_interval(str(entry.get("schedule_interval") or ""))
    if kind == "event":
        refuse_matchers(entry.get("event_matchers") or entry.get("matchers"))


def refuse_matchers(found: Any) -> None:
    written = found if isinstance(found, list) else []
    if not written or not all(
        isinstance(item, Mapping) and item.get("pattern") for item in written
    ):
        raise StudioError(400, "An event trigger needs a list of matchers, each with a pattern")


def refuse_interval(interval: str) -> None:
    if is_interval(interval) and (interval.startswith("@") or croniter.is_valid(interval)):
        return
    hint = "@hourly, @daily, @weekly, @monthly, or five cron fields such as 0 5 * * *"
    raise StudioError(400, f"{interval!r} is no schedule", hint)
