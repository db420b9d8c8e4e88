"""Steps → operations of one code unit. Which action becomes what stands in the `lay_*` modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.assemble import Assembler
from emulator.workflows.code import CALL, RUN, WAIT, Code, Evaluate, Frame, Invoke, Label, Operation
from emulator.workflows.expressions.compile import Expressions
from emulator.workflows.expressions.nodes import Node
from emulator.workflows.expressions.resumable import Play, ResumableExpressions
from emulator.workflows.observer import StepInfo
from emulator.workflows.scopes import Scope, Scopes
from emulator.workflows.source import Place
from emulator.workflows.syntax import Body, Formula, Step


@dataclass(slots=True, eq=False)
class Definition:
    """What all code units of one program share."""

    program: syntax.Program
    scopes: Scopes
    expressions: Expressions
    resumables: ResumableExpressions
    codes: dict[str, Code]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a step stands: what it can see, and where it can jump."""

    step: str
    scope: Scope
    targets: dict[str, Label]
    end: Label
    leave: Label | None = None
    """For `break`."""
    again: Label | None = None
    """For `continue`."""

    def target(self, name: str) -> Label:
        match name:
            case "end":
                return self.end
            case "break" if self.leave is not None:
                return self.leave
            case "continue" if self.again is not None:
                return self.again
        return self.targets.setdefault(name, Label())


Lay = Callable[["Layout", Any, Spot, StepInfo, Label], None]


@dataclass(slots=True, eq=False)
class Layout:
    """Lays out one code unit."""

    definition: Definition
    assembler: Assembler
    lays: dict[type, tuple[Callable[[Definition, Any], str], Lay]]
    """How to lay out an action, and its kind of step entry, by its type."""
    waited: bool = field(default=False)

    @property
    def expressions(self) -> Expressions:
        return self.definition.expressions

    def steps(self, steps: Iterable[Step], spot: Spot, after: Label) -> None:
        listed = list(steps)
        for number, step in enumerate(listed):
            self.assembler.place(spot.target(step.name))
            last = number + 1 == len(listed)
            following = after if last else spot.target(listed[number + 1].name)
            self.body(step.body, replace(spot, step=step.name), step.at, following)

    def body(self, body: Body, spot: Spot, at: Place, after: Label) -> None:
        """One action; `next` is where it goes on."""
        if body.next is not None:
            after = spot.target(body.next.target)
        kind, lay = self.lays[type(body.action)]
        info = self.assembler.info(spot.step, kind(self.definition, body.action), at)
        lay(self, body.action, spot, info, after)

    def unit(self, code: Code, scope: Scope) -> Layout:
        """A layout for a branch, which has a frame of its own."""
        code.names = tuple(names_in(scope))
        assembler = Assembler(code, len(scope.unit.variables))
        return Layout(self.definition, assembler, self.lays)

    def inside(self, info: StepInfo, work: Callable[[], None]) -> None:
        """Lay out what lies in a step."""
        before = self.assembler.open
        self.assembler.open = (*info.parents, info)
        work()
        self.assembler.open = before

    def add(self, make: Callable[[], Operation], at: Place, info: StepInfo | None = None) -> None:
        position = self.assembler.add(make, at, info)
        if self.waited:
            self.assembler.code.resumes.add(position)
            self.waited = False

    def value(self, formula: Formula, spot: Spot, info: StepInfo) -> Evaluate:
        """A closure for the value. What must wait is computed by an operation of its own first."""
        node, scope = formula.node, spot.scope
        if not self.expressions.waits(node):
            return self.expressions.compile(node, scope)
        return self.waiting(node, scope, formula.at, info)

    def waiting(self, node: Node, scope: Scope, at: Place, info: StepInfo) -> Evaluate:
        slot = self.assembler.temporary()
        resumable = self.definition.resumables.compile(node, scope)
        after = Label()

        def play(frame: Frame) -> Play:
            frame[RUN].free += 1
            frame[slot] = yield from resumable(frame)
            return int(after)

        self.add(lambda: playing(play, info), at, info)
        self.assembler.place(after)
        self.waited = True
        return lambda frame: frame[slot]


def names_in(scope: Scope) -> list[tuple[str, int]]:
    """Variables and slots of one unit, inner scopes last."""
    return [(variable.name, variable.slot) for variable in scope.own()]


def playing(play: Callable[[Frame], Play], info: StepInfo) -> Operation:
    """An operation that may stop many times; the generator ends with the next position."""
    return lambda frame: resume(play(frame), info, frame, None)


def resume(play: Play, info: StepInfo, frame: Frame, value: Any) -> int:
    try:
        wanted = play.send(value)
    except StopIteration as stop:
        return int(stop.value)
    run = frame[RUN]
    run.current.receive = partial(resume, play, info)
    if type(wanted) is Invoke:
        run.current.calling = wanted
        return CALL
    run.ask(wanted, info)
    return WAIT
