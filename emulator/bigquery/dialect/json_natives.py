"""JSON values: normal form, construction, mutation, conversion (Google: "JSON functions")."""

from __future__ import annotations

import json
import math
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

Json = Any
_STEP = re.compile(r'\.(\w+)|\.?"((?:[^"\\]|\\.)*)"|\[(\d+)\]|\[\'((?:[^\'\\]|\\.)*)\'\]')


def dumped(value: Json) -> str:
    """As Google writes a JSON value: no spaces, keys in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def bq_parse_json(text: str) -> str:
    try:
        return dumped(json.loads(text))
    except ValueError as error:
        raise ValueError(f"Invalid input to PARSE_JSON: {error}") from None


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$"):
        raise ValueError(f"Invalid JSON path: {path}")
    made: list[str | int] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError(f"Invalid JSON path: {path}")
        name = found[1] or found[2] or found[4]
        made.append(int(found[3]) if found[3] is not None else name)
        at = found.end()
    return made


_MISSING = object()


def _found(value: Json, steps: list[str | int]) -> Json:
    for step in steps:
        if isinstance(step, int):
            inside = isinstance(value, list) and step < len(value)
        else:
            inside = isinstance(value, dict) and step in value
        if not inside:
            return _MISSING
        value = value[step]
    return value


def bq_json_query(text: str, path: str) -> str | None:
    """Of a JSON-formatted STRING: its own order of keys stays."""
    try:
        found = _found(json.loads(text), _steps(path))
    except json.JSONDecodeError:
        return None
    if found is _MISSING or found is None:
        return None
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def bq_json_value(text: str, path: str) -> str | None:
    try:
        found = _found(json.loads(text, parse_float=str), _steps(path))
    except json.JSONDecodeError:
        return None
    if found is _MISSING or found is None or isinstance(found, dict | list):
        return None
    return str(found).lower() if isinstance(found, bool) else str(found)


def bq_json_keys(text: str, depth: int) -> list[str]:
    def keys(value: Json, before: str, level: int) -> list[str]:
        if not isinstance(value, dict) or level > depth:
            return []
        inner = ((before + _key(name), item) for name, item in value.items())
        return [k for name, item in inner for k in (name, *keys(item, name + ".", level + 1))]

    return sorted(keys(json.loads(text), "", 1))


def _key(name: str) -> str:
    return name if re.fullmatch(r"\w+", name) else f'"{name}"'


def bq_json_set(text: str, path: str, new: str) -> str:
    """`new` is JSON; a path that cannot be made leaves the value as it is."""
    value, steps = json.loads(text), _steps(path)
    if not steps:
        return dumped(json.loads(new))
    return dumped(_put(value, steps, json.loads(new)))


def _put(value: Json, steps: list[str | int], new: Json) -> Json:
    if not steps:
        return new
    step, *rest = steps
    if isinstance(step, str) and (value is None or isinstance(value, dict)):
        inside = value or {}
        return {**inside, step: _put(inside.get(step), rest, new)}
    if isinstance(step, int) and (value is None or isinstance(value, list)):
        items = [*(value or [])]
        items += [None] * (step + 1 - len(items))
        items[step] = _put(items[step], rest, new)
        return items
    return value


def bq_json_remove(text: str, path: str) -> str:
    value, steps = json.loads(text), _steps(path)
    if not steps:
        raise ValueError("The JSONPath cannot be '$'")
    home = _found(value, steps[:-1])
    if _found(value, steps) is not _MISSING:
        del home[steps[-1]]
    return dumped(value)


def bq_json_strip_nulls(text: str) -> str:
    def stripped(value: Json) -> Json:
        if isinstance(value, dict):
            return {k: stripped(v) for k, v in value.items() if v is not None}
        if isinstance(value, list):
            return [stripped(v) for v in value if v is not None]
        return value

    return dumped(stripped(json.loads(text)))


def bq_json_append(text: str, path: str, new: str) -> str:
    value, steps = json.loads(text), _steps(path)
    found = _found(value, steps)
    if isinstance(found, list):
        found.append(json.loads(new))
    return dumped(value)


def bq_json_insert(text: str, path: str, new: str) -> str:
    value, steps = json.loads(text), _steps(path)
    home, last = _found(value, steps[:-1]), steps[-1]
    if isinstance(home, list) and isinstance(last, int):
        home += [None] * (last - len(home))
        home.insert(last, json.loads(new))
    return dumped(value)


def _strict(kind: str, text: str, good: bool) -> None:
    if not good:
        raise ValueError(f"The provided JSON input is not {kind}: {text}")


def bq_json_int64(text: str) -> int:
    value = json.loads(text)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _strict("an integer", text, number and value == math.floor(value))
    return int(value)


def bq_json_float64(text: str) -> float:
    value = json.loads(text)
    _strict("a number", text, isinstance(value, int | float) and not isinstance(value, bool))
    return float(value)


def bq_json_bool(text: str) -> bool:
    value = json.loads(text)
    _strict("a boolean", text, isinstance(value, bool))
    return bool(value)


def bq_json_string(text: str) -> str:
    value = json.loads(text)
    _strict("a string", text, isinstance(value, str))
    return str(value)


def bq_lax_int64(text: str) -> int | None:
    value = json.loads(text)
    if isinstance(value, dict | list) or value is None:
        return None
    try:
        number = Decimal(str(int(value)) if isinstance(value, bool) else str(value).strip())
        made = int(number.to_integral_value(ROUND_HALF_UP))
    except (InvalidOperation, OverflowError):
        return None
    return made if -(2**63) <= made < 2**63 else None


def bq_lax_float64(text: str) -> float | None:
    value = json.loads(text)
    if isinstance(value, bool | dict | list) or value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def bq_lax_bool(text: str) -> bool | None:
    value = json.loads(text)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return bool(value) if isinstance(value, bool | int | float) else None


def bq_lax_string(text: str) -> str | None:
    value = json.loads(text)
    if isinstance(value, str):
        return value
    return None if isinstance(value, dict | list) or value is None else dumped(value)


_T, _B = "VARCHAR", "BIGINT"
JSON_NATIVES: list[tuple[Any, list[str], str]] = [
    (bq_parse_json, [_T], _T),
    (bq_json_query, [_T, _T], _T),
    (bq_json_value, [_T, _T], _T),
    (bq_json_keys, [_T, _B], f"{_T}[]"),
    (bq_json_set, [_T, _T, _T], _T),
    (bq_json_remove, [_T, _T], _T),
    (bq_json_strip_nulls, [_T], _T),
    (bq_json_append, [_T, _T, _T], _T),
    (bq_json_insert, [_T, _T, _T], _T),
    (bq_json_int64, [_T], _B),
    (bq_json_float64, [_T], "DOUBLE"),
    (bq_json_bool, [_T], "BOOLEAN"),
    (bq_json_string, [_T], _T),
    (bq_lax_int64, [_T], _B),
    (bq_lax_float64, [_T], "DOUBLE"),
    (bq_lax_bool, [_T], "BOOLEAN"),
    (bq_lax_string, [_T], _T),
]
