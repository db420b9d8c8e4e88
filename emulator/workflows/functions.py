"""What a library function is: its parameters, and what it does or asks for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.workflows.choices import Choices
from emulator.workflows.effects import Effect, Value
from emulator.workflows.expressions.operators import Operators
from emulator.workflows.limits import Limits


@dataclass(frozen=True, slots=True)
class Context:
    """What functions may know about the run."""

    environment: Mapping[str, str]
    limits: Limits
    choices: Choices
    operators: Operators


REQUIRED = object()
"""In place of a default."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the standard library.

    `work` gives the value at once. `ask` gives an effect, and `answer` makes the value (or an
    error) from the reply. `play` asks for one effect after another. Each
    takes the Context and then the arguments in order.
    """

    name: str
    parameters: tuple[tuple[str, Any], ...]
    """Name and default, or REQUIRED."""
    work: Callable[..., Value] | None = None
    ask: Callable[..., Effect] | None = None
    answer: Callable[[Context, Value], Value] | None = None
    play: Callable[..., Generator[Effect, Value, Value]] | None = None
    blocking: bool = False
    """Only in a call step, not in an expression."""
    external: bool = False
    """Billed as an external step (Workflows: Pricing)."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.parameters)

    @property
    def least(self) -> int:
        """How many arguments there must be."""
        return sum(1 for _, default in self.parameters if default is REQUIRED)


@dataclass(frozen=True, slots=True)
class Predicate:
    """A function as a value: what a retry policy is given to decide by."""

    name: str
    decide: Callable[[Value], bool]
    routine: bool = False
    """A subworkflow decides; `name` is its name."""
