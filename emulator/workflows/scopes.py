"""Which variable a name means where (Workflows: Variables, "Variable scope").

A (sub)workflow is one scope. Loop bodies, `except` and parallel branches are scopes of their
own for what is first assigned inside them; `steps`, `switch` and `try` are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from emulator.workflows import syntax
from emulator.workflows.source import Place
from emulator.workflows.syntax import Body, Except, Loop, Parallel, Program, Routine, Step

FIRST_SLOT = 2
"""A frame begins with the frame outside and the run."""


@dataclass(slots=True, eq=False)
class Unit:
    """What runs in one frame: a routine, or a branch or iteration of a parallel step."""

    outer: Unit | None
    variables: list[Variable] = field(default_factory=list)

    def distance(self, other: Unit) -> int:
        """How many frames out the other unit is."""
        steps, unit = 0, self
        while unit is not other:
            assert unit.outer is not None
            unit, steps = unit.outer, steps + 1
        return steps

    def within(self) -> Iterator[Unit]:
        """The unit and those around it."""
        unit: Unit | None = self
        while unit is not None:
            yield unit
            unit = unit.outer


@dataclass(slots=True, eq=False)
class Variable:
    name: str
    unit: Unit
    slot: int
    mutated: bool = False
    """Some assignment changes a part of its value in place."""

    @property
    def size_slot(self) -> int:
        """Where the frame keeps how much the value counts."""
        return self.slot + len(self.unit.variables)


@dataclass(slots=True, eq=False)
class Scope:
    outer: Scope | None
    unit: Unit
    names: dict[str, Variable] = field(default_factory=dict)
    inner: list[Scope] = field(default_factory=list)

    def find(self, name: str) -> Variable | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def add(self, name: str) -> None:
        variable = Variable(name, self.unit, FIRST_SLOT + len(self.unit.variables))
        self.unit.variables.append(variable)
        self.names[name] = variable

    def open(self, unit: Unit | None = None) -> Scope:
        scope = Scope(self, unit or self.unit)
        self.inner.append(scope)
        return scope

    def own(self) -> Iterator[Variable]:
        """Its variables and those of the scopes inside it, of the same unit."""
        yield from self.names.values()
        for scope in self.inner:
            if scope.unit is self.unit:
                yield from scope.own()


@dataclass(slots=True, eq=False)
class Scopes:
    """All scopes of a program, by the node that opens each."""

    found: dict[int, Scope] = field(default_factory=dict)

    def of(self, node: Routine | Loop | Except | syntax.Branch) -> Scope:
        return self.found[id(node)]


def resolve(program: Program) -> Scopes:
    scopes = Scopes()
    for routine in program.routines:
        scope = Scope(None, Unit(None))
        for parameter in routine.parameters:
            if parameter.name not in scope.names:
                scope.add(parameter.name)
        enter(scopes, routine, scope, routine.steps)
    return scopes


def enter(
    scopes: Scopes,
    node: Routine | Loop | Except | syntax.Branch,
    scope: Scope,
    steps: Iterable[Step],
) -> None:
    """First all names of this scope, wherever in it they are assigned; then what lies inside."""
    scopes.found[id(node)] = scope
    bodies = list(bodies_in(step.body for step in steps))
    for body in bodies:
        for name, _ in assigned(body):
            if scope.find(name) is None:
                scope.add(name)
    for body in bodies:
        open_inner(scopes, body, scope)
    for body in bodies:
        mark_mutated(body, scope)


def open_inner(scopes: Scopes, body: Body, scope: Scope) -> None:
    match body.action:
        case Loop() as loop:
            enter_loop(scopes, loop, scope.open())
        case Parallel(branches=branches, loop=loop):
            for branch in branches:
                enter(scopes, branch, scope.open(Unit(scope.unit)), branch.steps)
            if loop is not None:
                enter_loop(scopes, loop, scope.open(Unit(scope.unit)))
        case syntax.Try(handler=Except() as handler):
            inner = scope.open()
            inner.add(handler.name)
            enter(scopes, handler, inner, handler.steps)


def enter_loop(scopes: Scopes, loop: Loop, scope: Scope) -> None:
    scope.add(loop.value)
    if loop.index is not None:
        scope.add(loop.index)
    enter(scopes, loop, scope, loop.steps)


def mark_mutated(body: Body, scope: Scope) -> None:
    if isinstance(body.action, syntax.Assign):
        for target, _ in body.action.pairs:
            variable = scope.find(target.name)
            if target.path and variable is not None:
                variable.mutated = True


def bodies_in(bodies: Iterable[Body]) -> Iterator[Body]:
    """Every body of the same scope: those inside `steps`, `switch` and `try` too."""
    todo = list(bodies)[::-1]
    while todo:
        body = todo.pop()
        yield body
        match body.action:
            case syntax.Steps(steps=steps):
                todo.extend(step.body for step in reversed(steps))
            case syntax.Switch(conditions=conditions):
                inline = [entry.body for entry in conditions if entry.body is not None]
                todo.extend(reversed(inline))
            case syntax.Try(body=inner):
                todo.append(inner)


def assigned(body: Body) -> Iterator[tuple[str, Place]]:
    """The variables that a body assigns as a whole; a path into one does not create it."""
    match body.action:
        case syntax.Assign(pairs=pairs):
            for target, _ in pairs:
                if not target.path:
                    yield target.name, target.at
        case syntax.Call(result=str() as result, result_at=at):
            yield result, at


def everything_written(body: Body) -> Iterator[tuple[str, Place]]:
    yield from assigned(body)
    if isinstance(body.action, syntax.Assign):
        for target, _ in body.action.pairs:
            if target.path:
                yield target.name, target.at
