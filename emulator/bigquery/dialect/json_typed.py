"""JSON of values that have no type of their own there: times, BYTES, NUMERIC (Google: "JSON
encodings"), also deep in ARRAYs and STRUCTs.

DuckDB writes them all as their texts; its name of the type tells which is which.
"""

from __future__ import annotations

import base64
import json
import re
from decimal import Decimal
from typing import Any

Json = Any
_WORD = re.compile(r'\s*("(?:[^"]|"")*"|[A-Za-z_]\w*)')
_BYTE = re.compile(rb"\\x([0-9A-Fa-f]{2})")


def bq_json_typed(text: str, kind: str) -> str:
    """`text` as DuckDB's to_json wrote it of a value of the type `kind`."""
    value = json.loads(text, parse_float=Decimal)
    return _dumped(_made(value, kind))


def _made(value: Json, kind: str) -> Json:
    if value is None:
        return None
    if kind.endswith("[]"):
        return [_made(item, kind[:-2]) for item in value]
    if kind.startswith("STRUCT("):
        return {name: _made(value[name], inner) for name, inner in _fields(kind)}
    if kind.startswith(("INTERVAL", "MAP")):
        raise ValueError(f"This emulator does not support TO_JSON of {kind}")
    return _SCALARS.get(kind.partition("(")[0], lambda one: one)(value)


def _fields(kind: str) -> list[tuple[str, str]]:
    """Of `STRUCT(a INTEGER, "b c" STRUCT(…)[])`."""
    text, made = kind[len("STRUCT(") : -1], []
    for part in _parts(text):
        found = _WORD.match(part)
        assert found is not None
        name = found[1][1:-1].replace('""', '"') if found[1].startswith('"') else found[1]
        made.append((name, part[found.end() :].strip()))
    return made


def _parts(text: str) -> list[str]:
    """Between commas outside of brackets and quotes."""
    depth, quoted, made = 0, False, [""]
    for letter in text:
        quoted ^= letter == '"'
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == "," and not depth and not quoted:
            made.append("")
        else:
            made[-1] += letter
    return made


def _time(text: str) -> str:
    """Fractions have three digits or six."""
    whole, point, part = text.partition(".")
    if not point:
        return whole
    return f"{whole}.{part.ljust(3, '0') if len(part) <= 3 else part.ljust(6, '0')}"


def _datetime(text: str) -> str:
    return _time(text.replace(" ", "T", 1))


def _timestamp(text: str) -> str:
    """The session is in UTC."""
    return _datetime(re.sub(r"\+00(:00)?$", "", text)) + "Z"


def _bytes(text: str) -> str:
    """DuckDB's text of a BLOB has what is not printed in hexadecimal."""
    data = _BYTE.sub(lambda found: bytes([int(found[1], 16)]), text.encode())
    return base64.b64encode(data).decode()


def _numeric(value: Json) -> Json:
    """A number; Google rounds, or writes a text, where FLOAT64 does not hold it."""
    exact = Decimal(value)
    if Decimal(repr(float(exact))) != exact or abs(exact) > 1 << 53:
        raise ValueError("This emulator does not support JSON of NUMERIC that FLOAT64 rounds")
    return int(exact) if exact == exact.to_integral_value() else exact.normalize()


_SCALARS: dict[str, Any] = {
    "TIMESTAMP WITH TIME ZONE": _timestamp, "TIMESTAMP": _datetime, "TIME": _time, "BLOB": _bytes,
    "DECIMAL": _numeric,
}  # fmt: skip


def _dumped(value: Json) -> str:
    if isinstance(value, dict):
        inner = (f"{json.dumps(k, ensure_ascii=False)}:{_dumped(v)}" for k, v in value.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_dumped, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


JSON_TYPED: list[tuple[Any, list[str], str]] = [(bq_json_typed, ["VARCHAR", "VARCHAR"], "VARCHAR")]
