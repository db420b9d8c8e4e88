"""What the machine tells whoever watches a run: step entries, current steps, a live display.

Steps of one thread open and close like brackets: `ended` and `failed` speak of the innermost
open one. A step inside a subworkflow opens inside its call step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from emulator.workflows.effects import Value


@dataclass(frozen=True, slots=True, eq=False)
class StepInfo:
    """One step of the definition; the same object each time it runs."""

    name: str
    routine: str
    kind: str
    """StepEntry.StepType of the Executions API: STEP_ASSIGN, STEP_FOR_ITERATION …"""
    line: int
    column: int
    length: int
    parents: tuple[StepInfo, ...] = ()
    """The steps of the same routine that it lies in, outermost first."""


class ThreadView(Protocol):
    """A thread of the execution: the main one, a branch or an iteration of a parallel step."""

    @property
    def id(self) -> int:
        """0 for main, then 1, 2 … in the order of starting."""
        ...

    @property
    def parent(self) -> int | None: ...

    @property
    def branch(self) -> str:
        """Name of the branch, or ordinal of the iteration from "0"; "" for main."""
        ...

    def current(self) -> Sequence[StepInfo]:
        """The innermost open step of each call, outermost call first."""
        ...

    def variables(self) -> dict[str, Value]:
        """What the innermost call can see now. To look at, not to change."""
        ...


class Observer(Protocol):
    """Called in the middle of a run: must be quick and must not raise."""

    @property
    def hears_calls(self) -> bool:
        """Whether `called` and `answered` are wanted; asked once, before the run."""
        ...

    def started(self, step: StepInfo, thread: ThreadView, iteration: int | None) -> None:
        """`iteration` counts from 0 for STEP_FOR_ITERATION and attempts for STEP_TRY."""
        ...

    def called(
        self, step: StepInfo, thread: ThreadView, callee: str, arguments: Mapping[str, Value]
    ) -> None:
        """The arguments of a call step have their values. To look at, not to change."""
        ...

    def answered(self, step: StepInfo, thread: ThreadView, value: Value) -> None: ...

    def ended(self, step: StepInfo, thread: ThreadView) -> None: ...

    def failed(self, step: StepInfo, thread: ThreadView, payload: str) -> None:
        """`payload` is the JSON text of the error value; a handler may still catch it."""
        ...
