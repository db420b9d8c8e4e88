"""Lifecycle rules, carried out (Google: "Object Lifecycle Management").

`actions` is pure: rules and the generations of one object in, what is due out. Storage does it
"asynchronously"; here it is done soon after a start or a change of the rules, and every hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulator.clock import unix

DAY = 86_400
DELETE, ABORT, CLASS = "Delete", "AbortIncompleteMultipartUpload", "SetStorageClass"
ACTIONS = frozenset({DELETE, ABORT, CLASS})
CONDITIONS = frozenset({
    "age", "createdBefore", "customTimeBefore", "daysSinceCustomTime", "daysSinceNoncurrentTime",
    "isLive", "matchesPrefix", "matchesStorageClass", "matchesSuffix", "noncurrentTimeBefore",
    "numNewerVersions",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One generation, as the conditions see it."""

    resource: Mapping[str, Any]
    newer: int
    """Generations of the same object after it."""

    @property
    def live(self) -> bool:
        return "timeDeleted" not in self.resource


def versions(generations: Sequence[Mapping[str, Any]]) -> list[Version]:
    """Of one object's resources, oldest first."""
    count = len(generations)
    return [Version(resource, count - 1 - at) for at, resource in enumerate(generations)]


def action(rules: Sequence[Mapping[str, Any]], version: Version, now: float) -> str | None:
    """`Delete`, or the storage class to take, if anything is due; deletion goes first."""
    due = [rule["action"] for rule in rules if holds(rule["condition"], version, now)]
    if any(found["type"] == DELETE for found in due):
        return DELETE
    classes = (found["storageClass"] for found in due if found["type"] == CLASS)
    return next((name for name in classes if name != version.resource["storageClass"]), None)


def upload_age(rules: Sequence[Mapping[str, Any]]) -> list[int]:
    """Days after which multipart uploads under way are given up."""
    return [
        int(rule["condition"]["age"])
        for rule in rules
        if rule["action"]["type"] == ABORT and "age" in rule["condition"]
    ]


def holds(condition: Mapping[str, Any], version: Version, now: float) -> bool:
    """All that the condition says; what is not known here is never true."""
    if condition.keys() - CONDITIONS:
        return False
    return all(_says(condition, version, now))


def _says(condition: Mapping[str, Any], version: Version, now: float) -> Iterator[bool]:
    resource, name = version.resource, version.resource["name"]
    yield from _ages(condition, resource, now)
    for key, value in condition.items():
        if key == "isLive":
            yield version.live == bool(value)
        elif key == "numNewerVersions":
            yield version.newer >= int(value)
        elif key == "matchesPrefix":
            yield name.startswith(tuple(value))
        elif key == "matchesSuffix":
            yield name.endswith(tuple(value))
        elif key == "matchesStorageClass":
            yield resource["storageClass"] in value


_DAYS = {
    "age": "timeCreated",
    "daysSinceCustomTime": "customTime",
    "daysSinceNoncurrentTime": "timeDeleted",
}
_DATES = {
    "createdBefore": "timeCreated",
    "customTimeBefore": "customTime",
    "noncurrentTimeBefore": "timeDeleted",
}


def _ages(condition: Mapping[str, Any], resource: Mapping[str, Any], now: float) -> Iterator[bool]:
    for key, moment in _DAYS.items():
        if key in condition:
            begun = resource.get(moment)
            yield begun is not None and now >= unix(begun) + int(condition[key]) * DAY
    for key, moment in _DATES.items():
        if key in condition:
            begun = resource.get(moment)
            yield begun is not None and unix(begun) < _midnight(condition[key])


def _midnight(date: str) -> float:
    return datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
