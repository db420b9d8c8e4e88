"""The tree that a definition becomes. Every node knows its place; equality ignores places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulator.workflows.choices import CHOICES, Choices
from emulator.workflows.expressions.nodes import Node
from emulator.workflows.source import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Formula:
    """A value: one expression, or literals with expressions inside."""

    node: Node
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Target:
    """Left side of an assignment: a variable, or a path into one."""

    name: str
    path: tuple[Node, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Assign:
    pairs: tuple[tuple[Target, Formula], ...]


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    named: tuple[tuple[str, Formula], ...] = ()
    positional: tuple[Formula, ...] = ()
    result: str | None = None
    at: Place = field(default=NOWHERE, compare=False)
    """Of the function's name."""
    result_at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of a switch; it has a body, a jump, or both."""

    test: Formula
    body: Body | None
    next: Jump | None
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Switch:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`for`, sequential or parallel: over `items` (in) or `range`, never both."""

    value: str
    index: str | None
    items: Formula | None
    range: Formula | None
    steps: tuple[Step, ...]
    at: Place = field(default=NOWHERE, compare=False)
    value_at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Branch:
    name: str
    steps: tuple[Step, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Shared:
    name: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Parallel:
    branches: tuple[Branch, ...]
    loop: Loop | None
    shared: tuple[Shared, ...]
    concurrency: Formula | None
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Backoff:
    initial_delay: Formula | None
    max_delay: Formula | None
    multiplier: Formula | None


@dataclass(frozen=True, slots=True)
class Retry:
    """A policy written out, or (`policy`) an expression that gives one."""

    policy: Formula | None = None
    predicate: Formula | None = None
    max_retries: Formula | None = None
    backoff: Backoff | Formula | None = None
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Except:
    name: str
    steps: tuple[Step, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Try:
    body: Body
    retry: Retry | None
    handler: Except | None


@dataclass(frozen=True, slots=True)
class Raise:
    value: Formula


@dataclass(frozen=True, slots=True)
class Return:
    value: Formula


@dataclass(frozen=True, slots=True)
class Steps:
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """A step that only jumps."""


@dataclass(frozen=True, slots=True)
class Jump:
    target: str
    """Name of a step, or end, break, continue."""
    at: Place = field(default=NOWHERE, compare=False)


Action = Assign | Call | Switch | Loop | Parallel | Try | Raise | Return | Steps | Nothing


@dataclass(frozen=True, slots=True)
class Body:
    """What a step does, and where it goes then. Stands without a name in `try` and `switch`."""

    action: Action
    next: Jump | None = None
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    body: Body
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    required: bool = True
    default: Any = None
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Routine:
    """`main` or a subworkflow."""

    name: str
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Program:
    """A whole definition. The same object may run many times: it is compiled once."""

    routines: tuple[Routine, ...]
    choices: Choices = CHOICES
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def routine(self, name: str) -> Routine:
        return next(routine for routine in self.routines if routine.name == name)
