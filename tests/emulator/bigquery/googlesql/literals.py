"""Values as GoogleSQL's compliance tests write them: `ARRAY<STRUCT<INT64>>[{1}, {NULL}]`."""

from __future__ import annotations

import ast
import datetime
import json
import re
from decimal import Decimal
from typing import Any

from .stated import Typed

_WORD = re.compile(r"\s*([A-Za-z_`$][\w.`$]*)")
_STRING = re.compile(r"""[bB]?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)
_RAW = re.compile(r"[^,\]}]+")
_ORDER = re.compile(r"\s*(known|unknown) order:")
_TYPED = re.compile(r"\s*(?:ARRAY|STRUCT)<")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Unreadable(ValueError):
    """A value of a kind that BigQuery does not have, or of a form that is not known here."""


def read(text: str) -> Typed:
    reader = _Reader(text.strip())
    kind, inside = reader.type()
    made = reader.value(kind, inside)
    if reader.text[reader.at :].strip():
        raise Unreadable(f"more: {reader.text[reader.at :][:40]}")
    return made


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def take(self, mark: str) -> bool:
        self.space()
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def need(self, mark: str) -> None:
        if not self.take(mark):
            raise Unreadable(f"no {mark} at {self.text[self.at : self.at + 30]!r}")

    def word(self) -> str:
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise Unreadable(f"no word at {self.text[self.at : self.at + 30]!r}")
        self.at = found.end()
        return found[1]

    # -- types ----------------------------------------------------------------------------------

    def type(self) -> tuple[str, list[Any]]:
        kind = self.word()
        if not self.take("<"):
            return kind, []
        inside: list[Any] = []
        while not self.take(">"):
            inside.append(self.member())
            self.take(",")
        return kind, inside

    def member(self) -> Any:
        """`TYPE` or `name TYPE`."""
        first = self.type()
        self.space()
        if not first[1] and self.text[self.at] not in ",>":
            return self.type()
        return first

    # -- values ---------------------------------------------------------------------------------

    def value(self, kind: str, inside: list[Any]) -> Typed:
        self.space()
        if _TYPED.match(self.text, self.at):
            kind, inside = self.type()
            if self.take("(NULL)"):
                return Typed(kind, None)
        if self.null():
            return Typed(kind, None)
        if kind == "ARRAY":
            return self.array(inside)
        if kind == "STRUCT":
            return self.struct(inside)
        return Typed(kind, self.scalar(kind))

    def null(self) -> bool:
        found = re.compile(r"\s*NULL(?!\w)").match(self.text, self.at)
        if found:
            self.at = found.end()
        return found is not None

    def array(self, inside: list[Any]) -> Typed:
        self.need("[")
        found = _ORDER.match(self.text, self.at)
        self.at = found.end() if found else self.at
        kind, deeper = inside[0] if inside else ("?", [])
        items = []
        while not self.take("]"):
            items.append(self.value(kind, deeper))
            self.take(",")
        return Typed("ARRAY", items, not (found and found[1] == "unknown"))

    def struct(self, inside: list[Any]) -> Typed:
        self.need("{")
        items: list[Typed] = []
        while not self.take("}"):
            kind, deeper = inside[len(items)] if len(items) < len(inside) else ("?", [])
            items.append(self.value(kind, deeper))
            self.take(",")
        return Typed("STRUCT", items)

    def scalar(self, kind: str) -> Any:
        if kind == "JSON":
            return self.json()
        found = _STRING.match(self.text, self.at) if kind in ("STRING", "BYTES") else None
        if found:
            self.at = found.end()
            return unescaped(found[0])
        found = _RAW.match(self.text, self.at)
        if found is None:
            raise Unreadable(f"no value at {self.text[self.at : self.at + 30]!r}")
        self.at = found.end()
        return scalar(kind, found[0].strip())

    def json(self) -> Any:
        try:
            made, self.at = json.JSONDecoder(parse_float=Decimal).raw_decode(self.text, self.at)
        except ValueError as error:
            raise Unreadable(str(error)) from None
        return json_form(made)


def json_form(value: Any) -> Any:
    """Comparable: numbers by value."""
    if isinstance(value, dict):
        return {k: json_form(v) for k, v in value.items()}
    if isinstance(value, list):
        return [json_form(v) for v in value]
    return float(value) if isinstance(value, Decimal) else value


def unescaped(text: str) -> str | bytes:
    bytes_ = text[0] in "bB"
    body = text.lstrip("bB").replace("\n", "\\n")
    try:
        made: str | bytes = ast.literal_eval(("b" if bytes_ else "") + body.replace("\\?", "?"))
    except (SyntaxError, ValueError) as error:
        raise Unreadable(str(error)) from None
    return made


def scalar(kind: str, text: str) -> Any:
    read_it = _SCALARS.get(kind)
    if read_it is None:
        raise Unreadable(f"type {kind}")
    try:
        return read_it(text)
    except (ValueError, ArithmeticError, LookupError) as error:
        raise Unreadable(f"{kind} {text!r}: {error}") from None


def _bool(text: str) -> bool:
    return {"true": True, "false": False}[text]


def instant(text: str) -> int:
    """Microseconds of `2014-02-01 00:00:00.5+05:30`."""
    found = re.fullmatch(r"(\d+)-(\d+)-(\d+)[ T](\d+):(\d+):(\d+)(?:\.(\d+))?(.*)", text)
    if found is None:
        raise ValueError("not a timestamp")
    if found[7] and found[7][6:].strip("0"):
        raise ValueError("nanoseconds")
    moment = datetime.datetime(*map(int, found.groups()[:6]), tzinfo=datetime.UTC)
    micros = int((found[7] or "").ljust(6, "0")[:6])
    return int((moment - EPOCH) / datetime.timedelta(seconds=1)) * 10**6 + micros - _zone(found[8])


def _zone(text: str) -> int:
    text = text.strip()
    if text in ("", "Z", "UTC", "+00"):
        return 0
    found = re.fullmatch(r"([-+])(\d\d?)(?::(\d\d))?", text)
    if found is None:
        raise ValueError("not an offset")
    return (int(found[2]) * 60 + int(found[3] or 0)) * (-1 if found[1] == "-" else 1) * 60_000_000


def civil(text: str) -> str:
    """A DATETIME or TIME: fraction without zeros at its end."""
    whole, _, part = text.replace("T", " ").partition(".")
    if part[6:].strip("0"):
        raise ValueError("nanoseconds")
    return f"{whole}.{part.rstrip('0')}" if part.rstrip("0") else whole


_SCALARS: dict[str, Any] = {
    "INT64": int, "DOUBLE": float, "FLOAT64": float, "BOOL": _bool, "NUMERIC": Decimal,
    "BIGNUMERIC": Decimal, "DATE": str, "DATETIME": civil, "TIME": civil, "TIMESTAMP": instant,
    "INTERVAL": str,
}  # fmt: skip
