"""Records as `dataclasses` makes them, slotted and mostly frozen, at a tenth of the price.

A function makes its classes anew at every cold start, and `dataclasses` takes its time there:
it imports `inspect`, `ast` and `dis`, and compiles six methods for each class. Here a class gets
slots and methods that all records share. To a type checker they are dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


class Factory:
    """A default that is made anew for each record."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], Any]) -> Any:
    return Factory(default_factory)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """The class again, its annotated names being its fields."""
    made: type[T] = _made(cls, _COMMON | _FROZEN)
    return made


@dataclass_transform(field_specifiers=(field,))
def mutable(cls: type[T]) -> type[T]:
    """The same, whose fields may be set again."""
    made: type[T] = _made(cls, _COMMON)
    return made


def fields(of: object) -> tuple[str, ...]:
    """The names of a record's fields, or of a class's."""
    return getattr(of, "__match_args__", ())


def replace(one: T, **changes: Any) -> T:
    """The same record but for these fields."""
    return type(one)(**{name: getattr(one, name) for name in fields(one)} | changes)


def _made(cls: type, shared: Mapping[str, Any]) -> Any:
    """A class has its slots from the start, so it is made again, with what it had."""
    had = vars(cls)
    own = tuple(had.get("__annotations__", ()))
    given = getattr(cls, "_given", {}) | {name: had[name] for name in own if name in had}
    kept = {k: v for k, v in had.items() if k not in {*own, "__dict__", "__weakref__"}}
    facts = {"__slots__": own, "__match_args__": fields(cls) + own, "_given": given}
    made: Any = type(cls)(cls.__name__, cls.__bases__, {**shared, **kept, **facts})
    made._defaults = {k: v for k, v in given.items() if type(v) is not Factory}
    made._factories = [(k, v.make) for k, v in given.items() if type(v) is Factory]
    made._names = frozenset(fields(made))
    made._setters = [getattr(made, name).__set__ for name in fields(made)]
    return made


def _init(self: Any, *args: Any, **given: Any) -> None:
    setters = self._setters
    values = args if len(args) == len(setters) and not given else _completed(self, args, given)
    for put, value in zip(setters, values):  # noqa: B905 (as many as there are)
        put(self, value)


def _completed(self: Any, args: tuple[Any, ...], given: dict[str, Any]) -> Iterable[Any]:
    """A value for each field: as given by place, by name, or by default."""
    names = self.__match_args__
    values = {**self._defaults, **dict(zip(names, args)), **given}  # noqa: B905 (the rest follows)
    for name, make in self._factories:
        if name not in values:
            values[name] = make()
    if values.keys() != self._names or (args and _twice(names, args, given)):
        raise TypeError(_refusal(self, len(args), given))
    return map(values.__getitem__, names)


def _twice(names: tuple[str, ...], args: tuple[Any, ...], given: Mapping[str, Any]) -> bool:
    return len(args) > len(names) or not given.keys().isdisjoint(names[: len(args)])


def _refusal(self: Any, places: int, given: Mapping[str, Any]) -> str:
    """Names only: a value may be secret."""
    names = self.__match_args__
    had = {*names[:places], *given, *self._defaults, *(name for name, _ in self._factories)}
    if missing := [name for name in names if name not in had]:
        return f"{type(self).__name__} lacks {', '.join(missing)}"
    got = ", ".join([f"{places} by place", *given])
    return f"{type(self).__name__} takes each of {', '.join(names)} once; it got {got}"


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__match_args__])


def _eq(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _repr(self: Any) -> str:
    told = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({', '.join(told)})"


def _reduce(self: Any) -> tuple[Any, ...]:
    """How pickle and copy make it again, past its lock."""
    return type(self), _values(self)


def _hash(self: Any) -> int:
    return hash(_values(self))


def _locked(self: Any, name: str, _value: object = None) -> None:
    raise AttributeError(f"a {type(self).__name__} is not changed once it is made: {name}")


_COMMON = {
    "__init__": _init, "__repr__": _repr, "__eq__": _eq, "__hash__": None, "__reduce__": _reduce,
}  # fmt: skip
_FROZEN = {"__hash__": _hash, "__setattr__": _locked, "__delattr__": _locked}
