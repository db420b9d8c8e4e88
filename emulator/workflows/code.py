"""Compiled programs: flat lists of operations that work on frames.

An operation takes the frame and gives the position of the next one, so a jump costs nothing.
A frame is a list: the frame outside, the run, the variables, how much each variable counts, and
places for intermediate values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulator.workflows.observer import StepInfo
from emulator.workflows.source import Place
from emulator.workflows.values import UNSET

Frame = list[Any]
Operation = Callable[[Frame], int]
Evaluate = Callable[[Frame], Any]

CALL, WAIT, RETURN, END = -1, -2, -3, -4
"""In place of a position: the thread enters a routine, waits, leaves a routine, ends."""

OUTER, RUN = 0, 1


class Label:
    """A position not known yet."""

    __slots__ = ("position",)

    def __init__(self) -> None:
        self.position = -9

    def __int__(self) -> int:
        return self.position


@dataclass(slots=True, eq=False)
class Handler:
    """What catches errors of the operations of a try body."""

    entry: Label
    error: int
    """Where the frame keeps the error."""
    info: StepInfo


@dataclass(slots=True, eq=False)
class Code:
    """One routine or branch."""

    name: str
    """Of the routine."""
    operations: list[Operation] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    infos: list[StepInfo | None] = field(default_factory=list)
    handlers: list[Handler | None] = field(default_factory=list)
    resumes: set[int] = field(default_factory=set)
    """Operations that go on with a step that is open already: next iteration, retry."""
    counters: dict[StepInfo, int] = field(default_factory=dict)
    """Where the frame keeps the number of an iteration or attempt."""
    template: Frame = field(default_factory=list)
    names: tuple[tuple[str, int], ...] = ()
    """Variables and their slots, inner scopes last."""
    sizes: slice = field(default_factory=lambda: slice(0, 0))
    outer: Code | None = None

    def frame(self, outer: Frame | None, run: Any) -> Frame:
        frame = self.template.copy()
        frame[OUTER] = outer
        frame[RUN] = run
        return frame


def template(variables: int, temporaries: int) -> Frame:
    return [None, None, *[UNSET] * variables, *[0] * variables, *[None] * temporaries]


@dataclass(frozen=True, slots=True)
class Invoke:
    """A subworkflow call in the middle of an expression or a retry."""

    code: Code
    frame: Frame
