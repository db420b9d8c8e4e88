"""IAM conditions: the part of the Common Expression Language that bindings use.

`resource.name`, `resource.type`, `resource.service` and `request.time` with comparisons,
`startsWith`, `endsWith`, `contains`, `timestamp(...)`, `&&`, `||`, `!` and parentheses
(Google: "Overview of IAM Conditions").
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from emulator.clock import unix

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_][\w.]*)"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<sign>&&|\|\||==|!=|<=|>=|[()<>!,]))"""
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
}


class BadConditionError(ValueError):
    """The expression is outside of what bindings use."""


def holds(expression: str, values: Mapping[str, Any]) -> bool:
    """The truth of `expression`; BadConditionError where it cannot be told."""
    reader = _Reader(_split(expression), values)
    value = reader.either()
    reader.expect_end()
    if not isinstance(value, bool):
        raise BadConditionError(f"{expression!r} is no condition")
    return value


@lru_cache(256)
def _split(expression: str) -> Sequence[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position, text = 0, expression.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise BadConditionError(f"cannot read {text[position:]!r}")
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        position = found.end()
    return tokens


class _Reader:
    """Recursive descent, evaluating as it reads: conditions are short."""

    def __init__(self, tokens: Sequence[tuple[str, str]], values: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._values = values
        self._at = 0

    def either(self) -> Any:
        value = self.both()
        while self._take("||"):
            other = self.both()
            value = bool(value) or bool(other)
        return value

    def both(self) -> Any:
        value = self._negated()
        while self._take("&&"):
            other = self._negated()
            value = bool(value) and bool(other)
        return value

    def _negated(self) -> Any:
        if self._take("!"):
            return not self._negated()
        return self._compared()

    def _compared(self) -> Any:
        left = self._value()
        for sign, compare in _COMPARE.items():
            if self._take(sign):
                return compare(left, self._value())
        return left

    def _value(self) -> Any:
        kind, text = self._next()
        if text == "(":
            value = self.either()
            self._need(")")
            return value
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text)
        if kind == "name":
            return self._named(text)
        raise BadConditionError(f"unexpected {text!r}")

    def _named(self, name: str) -> Any:
        if self._take("("):
            argument = self._value()
            self._need(")")
            return self._called(name, argument)
        if name in ("true", "false"):
            return name == "true"
        if name not in self._values:
            raise BadConditionError(f"unknown attribute {name}")
        return self._values[name]

    def _called(self, name: str, argument: Any) -> Any:
        if name == "timestamp":
            return unix(argument)
        subject, _, method = name.rpartition(".")
        if method not in _METHODS or subject not in self._values:
            raise BadConditionError(f"unknown function {name}")
        return _METHODS[method](self._values[subject], argument)

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise BadConditionError("the condition ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise BadConditionError(f"{sign!r} is missing")

    def expect_end(self) -> None:
        if self._at != len(self._tokens):
            raise BadConditionError(f"unexpected {self._tokens[self._at][1]!r}")
