"""A run's table and lines."""

from __future__ import annotations

import pytest

from deployer.cli.running import RunView, followed_plainly
from deployer.model import BlockId
from deployer.runs.failure import Failure
from deployer.runs.watch import BlockDone, BlockStarted, RunOver, RunStarted
from tests.deployer.runs.test_watch import DIAMOND

LOAD = BlockId("load")
EVENTS = [
    RunStarted("r1", "daily"),
    BlockStarted(LOAD),
    BlockDone(LOAD, "done", 1.25, 4000, 2),
    BlockStarted(BlockId("left")),
    BlockDone(BlockId("left"), "condition_failed", 0.1),
    RunOver("r1", "FAILED", 2.5, Failure("boom", "right")),
]


def test_plain_lines_tell_time_rows_and_tests(capsys: pytest.CaptureFixture[str]) -> None:
    followed_plainly(RunView(DIAMOND), EVENTS)
    assert capsys.readouterr().out.splitlines() == [
        "run r1 of daily started",
        "load: done in 1.25 s, 4,000 rows, 2 tests passed",
        "left: skipped, as a condition was not met",
        "run r1 failed after 2.50 s",
    ]


def test_a_skipped_run_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    over = RunOver("r1", "SKIPPED", 0.1, skipped="too many runs were active")
    view = RunView(DIAMOND)
    followed_plainly(view, [over])
    assert capsys.readouterr().out == "run r1 skipped: too many runs were active\n"
    assert view.to_json()["skipped"] == "too many runs were active"


def test_the_table_marks_each_block_by_what_became_of_it() -> None:
    view = RunView(DIAMOND)
    for event in EVENTS:
        view.note(event)
    marks = {block.id: view.row(block.id)[0] for block in DIAMOND.blocks}
    assert "✓" in marks[LOAD]
    assert "⊘" in marks[BlockId("left")]
    assert "✗" in marks[BlockId("right")]
    assert "·" in marks[BlockId("join")]
    assert view.table().row_count == 4
