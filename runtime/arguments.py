"""Calling a user's function by Mage's rules: one positional argument per upstream block.

Keyword arguments are passed only to a function that declares `**`. The number of inputs is
checked before the call. Parameters with defaults and keyword-only ones do not count as
inputs that must be there, where Mage counts them and refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import CoroutineType
from typing import Any

from runtime.decorators import Function
from runtime.errors import InputProblem
from runtime.record import record


@record
class Shape:
    """How many positional arguments a function needs, takes, and what it absorbs."""

    needed: int
    taken: int
    any_number: bool
    keywords: bool

    @classmethod
    def of(cls, function: Function) -> Shape:
        import inspect

        kinds = inspect.signature(function).parameters.values()
        named = [p for p in kinds if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        return cls(
            needed=sum(p.default is p.empty for p in named),
            taken=len(named),
            any_number=any(p.kind is p.VAR_POSITIONAL for p in kinds),
            keywords=any(p.kind is p.VAR_KEYWORD for p in kinds),
        )

    def takes(self, count: int) -> bool:
        return count >= self.needed and (self.any_number or count <= self.taken)


def call_main(
    function: Function, inputs: Sequence[Any], kwargs: Mapping[str, Any], upstream: Sequence[str]
) -> Any:
    """Call a block's main function; a mismatch with its upstream blocks is said first."""
    shape = Shape.of(function)
    if not shape.takes(len(inputs)):
        raise _mismatch(function, shape, upstream)
    return finished(function(*inputs, **(kwargs if shape.keywords else {})))


def call_leniently(function: Function, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call with the inputs if the function takes them, else with as many as it can take."""
    shape = Shape.of(function)
    given = inputs if shape.any_number else inputs[: shape.taken]
    return finished(function(*given, **(kwargs if shape.keywords else {})))


def finished(result: Any) -> Any:
    """An `async def` block is awaited; Mage leaves the coroutine and fails on it."""
    if not isinstance(result, CoroutineType):
        return result
    import asyncio

    return asyncio.run(result)


def _mismatch(function: Function, shape: Shape, upstream: Sequence[str]) -> InputProblem:
    import inspect

    code = getattr(inspect.unwrap(function), "__code__", None)
    name = getattr(function, "__name__", "the function")
    has = f"{len(upstream)} upstream blocks ({', '.join(upstream)})" if upstream else "none"
    has = f"one upstream block ({upstream[0]})" if len(upstream) == 1 else has
    return InputProblem(
        f"{name}() takes {_needs(shape)}, but the block has {has}",
        file=code.co_filename if code else "",
        line=code.co_firstlineno if code else 0,
    )


def _needs(shape: Shape) -> str:
    if shape.taken == 0:
        return "no input"
    noun = "input" if shape.taken == 1 else "inputs"
    least = f"at least {shape.needed}" if shape.any_number else str(shape.taken)
    return f"{least} {noun}, one per upstream block"
