"""A plan as data: what must happen to each thing. Printed, performed and told as JSON alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from deployer.live import Live
from deployer.naming import label
from deployer.resources import Kind, Known, Resource

Json = Any


class Action(StrEnum):
    """What happens to one thing."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, from what the target has to what it shall have."""

    name: str
    was: Json
    will: Json
    why: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One item of a plan."""

    action: Action
    kind: Kind
    name: str
    title: str
    reason: str = ""
    fields: tuple[FieldChange, ...] = ()
    pipeline: str = ""
    needs: frozenset[str] = frozenset()
    resource: Resource | None = None
    live: Live | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    def to_json(self) -> dict[str, Json]:
        return {
            "action": self.action,
            "key": self.key,
            "title": self.title,
            "reason": self.reason,
            "fields": [field_json(f) for f in self.fields],
        }


def field_json(field: FieldChange) -> dict[str, Json]:
    told = {"name": field.name, "from": field.was, "to": field.will}
    return {**told, "why": field.why} if field.why else told


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a project needs in a target, each with what must happen to it."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    known: Known = field(default_factory=dict)
    """Versions of secrets that stay as they are."""

    @property
    def writes(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.action is not Action.KEEP)

    def count(self, action: Action) -> int:
        return sum(change.action is action for change in self.changes)

    def only(self, pipelines: Collection[str]) -> Plan:
        """Nothing but these pipelines and what they share; nothing shared is deleted."""
        chosen = tuple(c for c in self.changes if chosen_by(c, pipelines))
        return replace(self, changes=chosen)

    def below(self, top: str) -> Plan:
        """Nothing but one thing and all that it needs."""
        needs = {change.key: change.needs for change in self.changes}
        wanted, waiting = set[str](), [top]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting.extend(needs.get(name, ()))
        return replace(self, changes=tuple(c for c in self.changes if c.key in wanted))

    def to_json(self) -> dict[str, Json]:
        return {
            "changes": [change.to_json() for change in self.changes],
            "notes": list(self.notes),
            "would_change": bool(self.writes),
        }


def chosen_by(change: Change, pipelines: Collection[str]) -> bool:
    if change.pipeline:
        return change.pipeline in {*pipelines, *map(label, pipelines)}
    return change.action is not Action.DELETE
