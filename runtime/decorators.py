"""Mage's decorators, in both forms: injected into a block's names, or imported by it.

Mage puts the decorator of the block's own type, `test` and `preprocesser` into the names of
the file it runs; those register the functions they mark. The ones that can be imported from
`mage_ai.data_preparation.decorators` are plain pass-throughs there, which makes a block with
an unguarded import fail. Here they register too, but only functions of the file being run: a
helper module's decorated functions are nobody's main function.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from runtime.record import field, mutable, record

Function = Callable[..., Any]

DECORATOR_OF_TYPE = {
    "data_loader": "data_loader",
    "transformer": "transformer",
    "data_exporter": "data_exporter",
    "custom": "custom",
    "sensor": "sensor",
    "conditional": "condition",
    "callback": "callback",
    "extension": "extension",
}
ALWAYS = ("test", "preprocesser")
LEGACY_CALLBACKS = ("on_success", "on_failure")


@record
class Decorated:
    """A function and what it was marked with: `@callback('failure')` has one argument."""

    decorator: str
    function: Function
    arguments: tuple[Any, ...] = ()


@mutable
class Registry:
    """The decorated functions of one execution of a block file, in file order."""

    namespace: dict[str, Any] = field(default_factory=dict)
    found: list[Decorated] = field(default_factory=list)

    def functions(self, decorator: str) -> list[Function]:
        return [item.function for item in self.found if item.decorator == decorator]

    def add(self, decorator: str, function: Function, arguments: tuple[Any, ...]) -> Function:
        self.found.append(Decorated(decorator, function, arguments))
        return function

    def injected(self, decorator: str) -> Function:
        """The decorator to put into the block's names."""
        return _accepting_arguments(lambda f, args: self.add(decorator, f, args))


running: ContextVar[Registry | None] = ContextVar("running", default=None)
"""Set while a block file is executed."""


def imported(decorator: str) -> Function:
    """The decorator that `mage_ai.data_preparation.decorators` offers."""

    def mark(function: Function, arguments: tuple[Any, ...]) -> Function:
        registry = running.get()
        if registry is not None and _globals_of(function) is registry.namespace:
            registry.add(decorator, function, arguments)
        return function

    return _accepting_arguments(mark)


def _accepting_arguments(mark: Callable[[Function, tuple[Any, ...]], Function]) -> Function:
    def decorate(*args: Any, **_options: Any) -> Function:
        if len(args) == 1 and callable(args[0]):
            return mark(args[0], ())
        return lambda function: mark(function, args)

    return decorate


def _globals_of(function: Function) -> object:
    while (inner := getattr(function, "__wrapped__", None)) is not None:
        function = inner
    return getattr(function, "__globals__", None)
