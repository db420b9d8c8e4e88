"""Google's filter language: Logging's query language, and the lists of other services.

    severity >= ERROR AND labels.run = "42" AND (jsonPayload.n > 3 OR NOT textPayload : "x")

A filter is parsed once into a predicate over JSON. OR binds tighter than AND, terms side by
side are ANDed, comparisons ignore case except for regular expressions (Google: "Logging query
language").
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from emulator.cloud import Json
from emulator.errors import invalid

Predicate = Callable[[Json], bool]

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<sign>!=|>=|<=|=~|!~|[=<>:(),])|(?P<minus>-(?=[\w("']))"""
    r"""|(?P<word>(?:[^\s"'()=<>!:,]|\.(?="))+(?:"(?:[^"\\]|\\.)*"(?:\.[^\s"'()=<>!:,]+)*)*)"""
)
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
_OPERATORS = {*_ORDER, ":", "=~", "!~"}


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


def matches(text: str, item: Json) -> bool:
    return parse(text)(item)


@lru_cache(maxsize=256)
def parse(text: str) -> Node:
    """The predicate; INVALID_ARGUMENT for what is no filter."""
    if not text.strip():
        return EVERYTHING
    reader = _Reader(text)
    node = reader.conjunction()
    reader.expect_end()
    return node


def conjuncts(node: Node) -> Iterator[Comparison]:
    """The comparisons that every match must meet: an index may use them."""
    if isinstance(node, Comparison):
        yield node
    elif isinstance(node, Both):
        for part in node.parts:
            yield from conjuncts(part)


# -- parsing --------------------------------------------------------------------------------


class _Reader:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_split(text))
        self._at = 0

    def conjunction(self) -> Node:
        parts = [self._disjunction()]
        while self._kind() and not self._is_sign(")"):
            self._take_word("AND")
            parts.append(self._disjunction())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _disjunction(self) -> Node:
        parts = [self._negation()]
        while self._take_word("OR"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _negation(self) -> Node:
        if self._take_word("NOT") or self._take("minus", "-"):
            return Not(self._negation())
        if self._take("sign", "("):
            inside = self.conjunction()
            self._need(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Node:
        kind, text = self._next("a field or a word")
        if kind == "word" and text in ("AND", "OR", "NOT"):
            raise invalid(f"Unparseable filter: '{text}' has nothing to work on")
        if self._is_sign("(") and kind == "word":
            return self._function(text)
        op = self._operator()
        if op is None:
            return Comparison((), ":", _plain(kind, text))
        path = _path(text) if kind == "word" else (_plain(kind, text),)
        if self._take("sign", "("):
            return self._one_of(path, op)
        return self._compared(path, op)

    def _one_of(self, path: tuple[str, ...], op: str) -> Node:
        """`field = ("a" OR "b")`, `field : ("a" "b")`"""
        parts, alternative = [self._compared(path, op)], True
        while not self._take("sign", ")"):
            alternative = self._take_word("OR")
            self._take_word("AND")
            parts.append(self._compared(path, op))
        return Either(tuple(parts)) if alternative else Both(tuple(parts))

    def _compared(self, path: tuple[str, ...], op: str) -> Node:
        self._take("minus", "-")  # a negative number keeps its sign below
        negative = self._at and self._tokens[self._at - 1] == ("minus", "-")
        kind, text = self._next("a value")
        value = _plain(kind, text)
        if op in ("=~", "!~"):
            _checked_pattern(value)
        return Comparison(path, op, f"-{value}" if negative else value, kind == "string")

    def _function(self, name: str) -> Node:
        self._need("(")
        arguments = []
        while not self._take("sign", ")"):
            arguments.append(_plain(*self._next("an argument")))
            self._take("sign", ",")
        if name == "log_id" and len(arguments) == 1:
            return Comparison(("logName",), "=~", f"/logs/{re.escape(_encoded(arguments[0]))}$")
        if name == "SEARCH" and arguments:
            return Comparison((), ":", arguments[-1])
        raise invalid(f"Unparseable filter: unknown function '{name}'")

    def _operator(self) -> str | None:
        if self._kind() == "sign" and self._tokens[self._at][1] in _OPERATORS:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _is_sign(self, sign: str) -> bool:
        return bool(self._kind()) and self._tokens[self._at] == ("sign", sign)

    def _next(self, what: str) -> tuple[str, str]:
        if self._kind() not in ("word", "string"):
            raise invalid(f"Unparseable filter: {what} is missing at token {self._at + 1}")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, kind: str, text: str) -> bool:
        if self._kind() == kind and self._tokens[self._at][1] == text:
            self._at += 1
            return True
        return False

    def _take_word(self, word: str) -> bool:
        return self._take("word", word)

    def _need(self, sign: str) -> None:
        if not self._take("sign", sign):
            raise invalid(f"Unparseable filter: '{sign}' is missing at token {self._at + 1}")

    def expect_end(self) -> None:
        if self._kind():
            raise invalid(f"Unparseable filter: unexpected '{self._tokens[self._at][1]}'")


def _split(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise invalid(f"Unparseable filter: syntax error at '{text[position : position + 20]}'")
        if found.lastgroup != "space":
            yield str(found.lastgroup), found[0]
        position = found.end()


def _plain(kind: str, text: str) -> str:
    """A string without its quotes; other escapes stay, as they mean something in patterns."""
    return re.sub(r"\\([\\\"'])", r"\1", text[1:-1]) if kind == "string" else text


def _path(text: str) -> tuple[str, ...]:
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"|([^."]+)', text)
    return tuple(quoted or plain for quoted, plain in parts)


def _checked_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise invalid(f"Unparseable filter: invalid regular expression: {error}") from None


def _encoded(log_id: str) -> str:
    return log_id.replace("/", "%2F")


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
