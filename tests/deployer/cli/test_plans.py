"""A plan and its performance, in plain lines."""

from __future__ import annotations

import pytest

from deployer.cli.plans import show_plan, summary
from deployer.plan import Action, Change, FieldChange, Plan
from deployer.resources import Kind

UPDATE = Change(
    Action.UPDATE,
    Kind.FUNCTION,
    "daily-load",
    "daily/load",
    "memory changed",
    (FieldChange("memory", "1Gi", "2Gi"), FieldChange("secret.KEY", None, "3")),
)
KEEP = Change(Action.KEEP, Kind.BUCKET, "b", "b")


def test_only_what_changes_is_shown_with_from_and_to(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Plan((KEEP, UPDATE), ("waits longer",)), "prod")
    assert capsys.readouterr().out.splitlines() == [
        "~ function daily/load  (memory changed)",
        "    memory: 1Gi → 2Gi",
        "    secret.KEY: – → 3",
        "note: waits longer",
        "prod: 1 to update, 1 to keep",
    ]


def test_nothing_to_do_is_said_in_one_line() -> None:
    assert summary(Plan((KEEP,)), "local") == "local: nothing to change (1 resource as planned)"
