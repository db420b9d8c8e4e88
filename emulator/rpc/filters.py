"""The filter language of Google's list methods (AIP-160).

```
filter   = or { "AND" or }            sequences without AND mean AND
or       = unary { "OR" unary }       OR binds closer than AND
unary    = ["NOT" | "-"] ( "(" filter ")" | field [ op value ] )
op       = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
```
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.clock import unix
from emulator.errors import invalid

Record = Mapping[str, Any]
Test = Callable[[Record], bool]
Field = Callable[[Record], Any]
"""Reads a string, a number (times and durations too), a map or a list of strings."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<op><=|>=|!=|=|<|>|:)"""
    r"""|(?P<mark>[()]|-(?=[\w(]))|(?P<word>[^\s()<>=!:"']+))"""
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


def compile_filter(text: str, fields: Mapping[str, Field]) -> Test:
    """What a record must satisfy; INVALID_ARGUMENT for anything that is not a filter."""
    tokens = list(_tokens(text))
    if not tokens:
        return lambda _: True
    parser = _Parser(text, tokens, fields)
    test = parser.sequence()
    if parser.peek():
        raise parser.wrong()
    return test


def _tokens(text: str) -> list[Token]:
    found, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if not match or not match.lastgroup:
            raise invalid(f"Invalid filter '{text}' at position {position}.")
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Parser:
    def __init__(self, text: str, tokens: list[Token], fields: Mapping[str, Field]) -> None:
        self._text = text
        self._tokens = tokens
        self._fields = fields
        self._at = 0

    def peek(self) -> str:
        """The next token's text; strings never look like words of the language."""
        if self._at >= len(self._tokens):
            return ""
        token = self._tokens[self._at]
        return '"' if token.kind == "string" else token.text

    def take(self) -> Token:
        if self._at >= len(self._tokens):
            raise self.wrong()
        self._at += 1
        return self._tokens[self._at - 1]

    def wrong(self) -> Exception:
        return invalid(f"Invalid filter '{self._text}'.")

    def sequence(self) -> Test:
        tests = [self.alternatives()]
        while self.peek() not in ("", ")"):
            if self.peek() == "AND":
                self.take()
            tests.append(self.alternatives())
        return lambda record: all(test(record) for test in tests)

    def alternatives(self) -> Test:
        tests = [self.unary()]
        while self.peek() == "OR":
            self.take()
            tests.append(self.unary())
        return lambda record: any(test(record) for test in tests)

    def unary(self) -> Test:
        if self.peek() in ("NOT", "-"):
            self.take()
            test = self.unary()
            return lambda record: not test(record)
        if self.peek() == "(":
            self.take()
            test = self.sequence()
            if self.take().text != ")":
                raise self.wrong()
            return test
        return self.comparison()

    def comparison(self) -> Test:
        field = self.take()
        if field.kind != "word" or self.take_op() is None:
            raise self.wrong()
        op, value = self._tokens[self._at - 1].text, self.take()
        if value.kind not in ("word", "string"):
            raise self.wrong()
        text = value.text if value.kind == "word" else unquoted(value.text)
        return _comparison(self.reader(field.text), op, self.joined(text, value))

    def take_op(self) -> Token | None:
        token = self.take()
        return token if token.kind == "op" else None

    def joined(self, text: str, value: Token) -> str:
        """A time needs no quotes: its colons are its own."""
        while value.kind == "word" and self.peek() == ":":
            self.take()
            text = f"{text}:{self.take().text}"
        return text

    def reader(self, path: str) -> Field:
        if path in self._fields:
            return self._fields[path]
        name, _, key = path.partition(".")
        if not key or name not in self._fields:
            raise invalid(f"Invalid filter '{self._text}': unknown field '{path}'.")
        outer = self._fields[name]
        return lambda record: (outer(record) or {}).get(key.strip('"'), "")


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _comparison(read: Field, op: str, text: str) -> Test:
    def test(record: Record) -> bool:
        value = read(record)
        if op == ":" or isinstance(value, list | dict):
            return _has(value, text) != (op == "!=")
        if value is None:
            return op == "!="
        return _COMPARE[op](value, _number(text) if isinstance(value, float) else text)

    return test


def _has(value: Any, text: str) -> bool:
    if isinstance(value, list | dict):
        return text == "*" or text in value
    return text == "*" or text.lower() in str(value or "").lower()


def _number(text: str) -> float:
    """A number, a duration (`1.5s`) or a time."""
    try:
        return float(text.removesuffix("s"))
    except ValueError:
        pass
    try:
        return unix(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError:
        raise invalid(f"Invalid value in filter: '{text}'.") from None
