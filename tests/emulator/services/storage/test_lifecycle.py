"""Each condition of a rule, against one object."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from emulator.services.storage.lifecycle import Version, action, holds, upload_age, versions

NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
LIVE = {
    "name": "runs/a.csv",
    "storageClass": "STANDARD",
    "timeCreated": "2026-02-01T00:00:00Z",
    "customTime": "2026-02-20T00:00:00Z",
}
OLD = {**LIVE, "timeDeleted": "2026-02-25T00:00:00Z"}


@pytest.mark.parametrize(
    ("condition", "live", "old"),
    [
        ({"age": 28}, True, True),
        ({"age": 29}, False, False),
        ({"age": 0}, True, True),
        ({"isLive": True}, True, False),
        ({"isLive": False}, False, True),
        ({"createdBefore": "2026-02-02"}, True, True),
        ({"createdBefore": "2026-02-01"}, False, False),
        ({"customTimeBefore": "2026-02-21"}, True, True),
        ({"daysSinceCustomTime": 9}, True, True),
        ({"daysSinceCustomTime": 10}, False, False),
        ({"daysSinceNoncurrentTime": 4}, False, True),
        ({"noncurrentTimeBefore": "2026-02-26"}, False, True),
        ({"numNewerVersions": 1}, False, True),
        ({"matchesPrefix": ["x/", "runs/"]}, True, True),
        ({"matchesSuffix": [".txt"]}, False, False),
        ({"matchesStorageClass": ["STANDARD"]}, True, True),
        ({"age": 1, "matchesSuffix": [".txt"]}, False, False),
        ({"inventedHere": 1}, False, False),
    ],
)
def test_a_condition(condition: dict[str, Any], live: bool, old: bool) -> None:
    before, after = versions([OLD, LIVE])
    assert (holds(condition, after, NOW), holds(condition, before, NOW)) == (live, old)


def test_without_a_custom_time_its_conditions_are_never_true() -> None:
    bare = {k: v for k, v in LIVE.items() if k != "customTime"}
    assert not holds({"daysSinceCustomTime": 0}, Version(bare, 0), NOW)


def rule(kind: str, **condition: Any) -> dict[str, Any]:
    return {"action": {"type": kind}, "condition": condition}


def test_deletion_goes_before_another_class() -> None:
    colder = {
        "action": {"type": "SetStorageClass", "storageClass": "COLDLINE"},
        "condition": {"age": 1},
    }
    assert action([colder], Version(LIVE, 0), NOW) == "COLDLINE"
    assert action([colder, rule("Delete", age=1)], Version(LIVE, 0), NOW) == "Delete"
    assert action([colder], Version({**LIVE, "storageClass": "COLDLINE"}, 0), NOW) is None


def test_the_age_of_uploads() -> None:
    rules = [rule("AbortIncompleteMultipartUpload", age=3), rule("Delete", age=1)]
    assert upload_age(rules) == [3]
    assert action(rules[:1], Version(LIVE, 0), NOW) is None
