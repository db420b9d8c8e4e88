"""Records as `dataclasses` makes them, slotted and mostly frozen, at a tenth of the price.

A function makes its classes anew at every cold start, and `dataclasses` takes its time there:
it imports `inspect`, `ast` and `dis`, and compiles six methods for each class. Here a class gets
slots and methods that all records share; its `__init__` is compiled when it is first called. To a
type checker they are dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    return type(cls)(cls.__name__, cls.__bases__, {**shared, **kept, **facts})


def _first(self: Any, *args: Any, **given: Any) -> None:
    """Of a class that is never used no code is compiled."""
    cls: Any = type(self)
    cls.__init__ = _compiled(cls)
    cls.__init__(self, *args, **given)


def _compiled(cls: Any) -> Callable[..., None]:
    """`__init__` as one would write it."""
    names = cls.__match_args__
    space = {f"set_{name}": getattr(cls, name).__set__ for name in names}
    space |= {f"given_{name}": value for name, value in cls._given.items()}
    takes = [f"{name}=given_{name}" if name in cls._given else name for name in names]
    lines = [f" set_{name}(self, {_value(cls, name)})" for name in names] or [" pass"]
    exec("\n".join([f"def init({', '.join(['self', *takes])}):", *lines]), space)  # noqa: S102 (names of ours)
    init: Callable[..., None] = space["init"]
    init.__qualname__ = f"{cls.__name__}.__init__"
    return init


def _value(cls: Any, name: str) -> str:
    made = f"given_{name}.make() if {name} is given_{name} else {name}"
    return made if type(cls._given.get(name)) is Factory else name


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
    "__init__": _first, "__repr__": _repr, "__eq__": _eq, "__hash__": None, "__reduce__": _reduce,
}  # fmt: skip
_FROZEN = {"__hash__": _hash, "__setattr__": _locked, "__delattr__": _locked}
