"""Step entries of branches, of long runs, and of what was cut off."""

from dataclasses import dataclass

from emulator.drive.history import KEPT, History
from emulator.workflows.observer import StepInfo


@dataclass
class Thread:
    id: int
    parent: int | None = None
    branch: str = ""

    def current(self):
        return ()

    def variables(self):
        return {}


def step(name: str, kind: str = "STEP_ASSIGN") -> StepInfo:
    return StepInfo(name, "main", kind, 1, 1, 1)


def test_a_branch_belongs_to_its_parallel_step() -> None:
    history, main, left, right = History(), Thread(0), Thread(1, 0), Thread(2, 0)
    fan = step("fan", "STEP_PARALLEL_BRANCH")
    a, b = step("a"), step("b")
    history.started(fan, main, None)
    history.started(a, left, None)
    history.started(b, right, None)
    history.ended(a, left)
    history.failed(b, right, '"no"')
    history.ended(fan, main)
    rows = [dict(zip(NAMES, row, strict=True)) for row in history.rows()]
    assert [(r["step"], r["thread"], r["parent"]) for r in rows] == [
        ("fan", 0, 0),
        ("a", 1, 1),
        ("b", 2, 1),
    ]
    assert [r["state"] for r in rows] == ["STATE_SUCCEEDED", "STATE_SUCCEEDED", "STATE_FAILED"]


def test_only_the_latest_steps_of_a_long_run_are_kept() -> None:
    history, main, turn = History(), Thread(0), step("turn")
    for _ in range(KEPT + 10):
        history.started(turn, main, None)
        history.ended(turn, main)
    rows = history.rows()
    assert len(rows) == KEPT
    assert rows[-1][0] == KEPT + 10
    assert history.last() is turn


def test_what_was_going_on_is_cancelled() -> None:
    history, main = History(), Thread(0)
    history.started(step("outer"), main, None)
    history.started(step("inner"), main, None)
    history.cancel()
    assert [row[10] for row in history.rows()] == ["STATE_CANCELLED", "STATE_CANCELLED"]


NAMES = (
    "id", "step", "routine", "kind", "thread", "iteration", "parent", "previous", "started",
    "ended", "state", "payload", "variables",
)  # fmt: skip
