"""A plan and its performance, in plain lines."""

from __future__ import annotations

import pytest

from deployer.apply import Failed, Finished, Progressed, Skipped, Started
from deployer.cli.plans import Progress, line_of, show_plan, summary
from deployer.errors import CloudError
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


def test_what_is_over_is_a_line_and_what_goes_on_is_not() -> None:
    told = [
        line_of(event)
        for event in (
            Started(UPDATE),
            Progressed(UPDATE, "build"),
            Finished(UPDATE, 1.5),
            Failed(UPDATE, CloudError("x")),
            Skipped(UPDATE, "needs account/a"),
        )
    ]
    assert [line[0] if line else None for line in told] == [
        None,
        None,
        "~ function daily/load updated in 1.50 s",
        "✗ function daily/load failed",
        "· function daily/load not tried: needs account/a",
    ]


def test_a_running_change_shows_its_last_word() -> None:
    progress = Progress(quiet=True)
    progress.tell(Started(UPDATE))
    progress.tell(Progressed(UPDATE, "build: installing"))
    assert str(progress.render()) == "… function daily/load  build: installing"
    progress.tell(Finished(UPDATE, 1.0))
    assert str(progress.render()) == ""
