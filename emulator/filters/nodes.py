"""What a filter says, as predicates over JSON."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from emulator.cloud import Json

SEVERITIES = {
    name: number * 100
    for number, name in enumerate(
        ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"]
    )
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path op value`; an empty path is a search in everything."""

    path: tuple[str, ...]
    op: str
    value: str
    quoted: bool = True

    def __call__(self, item: Json) -> bool:
        if not self.path:
            return any(_has(text, self.value) for text in _texts(item))
        found = list(_walk(item, self.path))
        if self.op in ("!=", "!~"):
            positive = "=" if self.op == "!=" else "=~"
            return not any(_compare(positive, value, self) for value in found)
        return any(_compare(self.op, value, self) for value in found)


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Node, ...]

    def __call__(self, item: Json) -> bool:
        return all(part(item) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Node, ...]

    def __call__(self, item: Json) -> bool:
        return any(part(item) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Node

    def __call__(self, item: Json) -> bool:
        return not self.part(item)


Node = Comparison | Both | Either | Not
EVERYTHING = Both(())


def conjuncts(node: Node) -> Iterator[Comparison]:
    """The comparisons that every match must meet: an index may use them."""
    if isinstance(node, Comparison):
        yield node
    elif isinstance(node, Both):
        for part in node.parts:
            yield from conjuncts(part)


# -- comparing ------------------------------------------------------------------------------


def _walk(item: Json, path: tuple[str, ...]) -> Iterator[Json]:
    """Values at a path; arrays stand for each of their elements."""
    if isinstance(item, list):
        for element in item:
            yield from _walk(element, path)
    elif not path:
        yield item
    elif isinstance(item, dict):
        key = path[0] if path[0] in item else _camel(path[0])
        if key in item:
            yield from _walk(item[key], path[1:])
        elif ".".join(path) in item:
            yield from _walk(item[".".join(path)], ())


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _compare(op: str, value: Json, asked: Comparison) -> bool:
    if asked.value == "*" and op in (":", "=") and not asked.quoted:
        return True
    if op == ":":
        return any(_has(text, asked.value) for text in _texts(value))
    if op == "=~":
        return isinstance(value, str) and re.search(asked.value, value) is not None
    if asked.path == ("severity",):
        return _ORDER[op](_severity(value), _severity(asked.value))
    return _ordered(op, value, asked.value)


def _ordered(op: str, value: Json, asked: str) -> bool:
    if isinstance(value, bool):
        return _ORDER[op](str(value).lower(), asked.lower())
    if isinstance(value, int | float):
        number = _number(asked)
        return number is not None and _ORDER[op](value, number)
    if not isinstance(value, str):
        return asked.lower() in ("null", "null_value") and value is None and op == "="
    moments = moment(value), moment(asked)
    if moments[0] and moments[1]:
        return _ORDER[op](*moments)
    return _ORDER[op](value.lower(), asked.lower())


def _severity(value: Json) -> int:
    text = str(value).upper()
    return int(text) if text.isdigit() else SEVERITIES.get(text, 0)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def moment(text: str) -> datetime | None:
    """The instant that a text means, if it is a time."""
    if len(text) < 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        found = datetime.fromisoformat(_micros(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _micros(text: str) -> str:
    """Python reads six digits of a second, Google writes up to nine."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def _has(text: str, part: str) -> bool:
    return part.lower() in text.lower()


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value).lower() if isinstance(value, bool) else str(value)
