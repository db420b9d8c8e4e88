"""From a filter's text to its predicate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from emulator.errors import invalid
from emulator.filters.nodes import EVERYTHING, Both, Comparison, Either, Node, Not

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<sign>!=|>=|<=|=~|!~|[=<>:(),])|(?P<minus>-(?=[\w("']))"""
    r"""|(?P<word>(?:[^\s"'()=<>!:,]|\.(?="))+(?:"(?:[^"\\]|\\.)*"(?:\.[^\s"'()=<>!:,]+)*)*)"""
)
_OPERATORS = {"=", "!=", "<", "<=", ">", ">=", ":", "=~", "!~"}


@lru_cache(maxsize=256)
def parse(text: str) -> Node:
    """The predicate; INVALID_ARGUMENT for what is no filter."""
    if not text.strip():
        return EVERYTHING
    reader = _Reader(text)
    node = reader.conjunction()
    reader.expect_end()
    return node


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
