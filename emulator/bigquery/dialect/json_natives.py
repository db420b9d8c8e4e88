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


def _first(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Of two keys of one name the first stays."""
    made: dict[str, Json] = {}
    for name, value in pairs:
        made.setdefault(name, value)
    return made


def loaded(text: str) -> Json:
    return json.loads(text, object_pairs_hook=_first)


def _exact(text: str) -> float:
    if Decimal(repr(float(text))) != Decimal(text):
        raise ValueError(f"cannot round-trip number through string representation: {text}")
    return float(text)


def _whole(text: str) -> int | float:
    return int(text) if -(1 << 63) <= int(text) < 1 << 64 else _exact(text)


def bq_parse_json(text: str) -> str:
    try:
        return dumped(json.loads(text, object_pairs_hook=_first, parse_float=_exact,
                                 parse_int=_whole))  # fmt: skip
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
        name = next((text for text in (found[1], found[2], found[4]) if text is not None), "")
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
        found = _found(loaded(text), _steps(path))
    except json.JSONDecodeError:
        return None
    if found is _MISSING or found is None:
        return None
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def bq_json_sub(text: str, path: str) -> str | None:
    """Of a JSON value: JSON's null is a value too."""
    found = _found(loaded(text), _steps(path))
    return None if found is _MISSING else dumped(found)


def bq_json_items(text: str, path: str) -> list[str] | None:
    try:
        found = _found(loaded(text), _steps(path))
    except json.JSONDecodeError:
        return None
    if not isinstance(found, list):
        return None
    return [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in found]


def bq_json_scalars(text: str, path: str) -> list[str | None] | None:
    try:
        found = _found(json.loads(text, object_pairs_hook=_first, parse_float=str), _steps(path))
    except json.JSONDecodeError:
        return None
    if not isinstance(found, list) or any(isinstance(item, dict | list) for item in found):
        return None
    return [_scalar_text(item) for item in found]


def _scalar_text(value: Json) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def bq_json_value(text: str, path: str) -> str | None:
    try:
        found = _found(json.loads(text, object_pairs_hook=_first, parse_float=str), _steps(path))
    except json.JSONDecodeError:
        return None
    if found is _MISSING or found is None or isinstance(found, dict | list):
        return None
    return _scalar_text(found)


def bq_json_keys(text: str, depth: int) -> list[str]:
    def keys(value: Json, before: str, level: int) -> list[str]:
        if not isinstance(value, dict) or level > depth:
            return []
        inner = ((before + _key(name), item) for name, item in value.items())
        return [k for name, item in inner for k in (name, *keys(item, name + ".", level + 1))]

    return sorted(keys(loaded(text), "", 1))


def _key(name: str) -> str:
    return name if re.fullmatch(r"\w+", name) else f'"{name}"'


def bq_json_set(text: str, path: str, new: str) -> str:
    """`new` is JSON; a path that cannot be made leaves the value as it is."""
    value, steps = loaded(text), _steps(path)
    if not steps:
        return dumped(loaded(new))
    return dumped(_put(value, steps, loaded(new)))


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
    value, steps = loaded(text), _steps(path)
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

    return dumped(stripped(loaded(text)))


def bq_json_append(text: str, path: str, new: str, each: bool) -> str:
    """`each`: the elements of a SQL array come one by one."""
    value, steps = loaded(text), _steps(path)
    found, more = _found(value, steps), loaded(new)
    if found is None:
        value = _put(value, steps, more if each else [more])
    elif isinstance(found, list):
        found.extend(more if each else [more])
    return dumped(value)


def bq_json_insert(text: str, path: str, new: str, each: bool) -> str:
    value, steps = loaded(text), _steps(path)
    more = loaded(new) if each else [loaded(new)]
    if not steps or not isinstance(steps[-1], int):
        return dumped(value)
    home, last = _found(value, steps[:-1]), steps[-1]
    if home is None:
        value = _put(value, steps[:-1], [None] * last + more)
    elif isinstance(home, list):
        home += [None] * (last - len(home))
        home[last:last] = more
    return dumped(value)


def _strict(kind: str, text: str, good: bool) -> None:
    if not good:
        raise ValueError(f"The provided JSON input is not {kind}: {text}")


def bq_json_int64(text: str) -> int:
    value = loaded(text)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _strict("an integer", text, number and value == math.floor(value))
    return int(value)


def bq_json_float64(text: str) -> float:
    value = loaded(text)
    _strict("a number", text, isinstance(value, int | float) and not isinstance(value, bool))
    return float(value)


def bq_json_bool(text: str) -> bool:
    value = loaded(text)
    _strict("a boolean", text, isinstance(value, bool))
    return bool(value)


def bq_json_string(text: str) -> str:
    value = loaded(text)
    _strict("a string", text, isinstance(value, str))
    return str(value)


def bq_lax_int64(text: str) -> int | None:
    value = loaded(text)
    if isinstance(value, dict | list) or value is None:
        return None
    try:
        number = Decimal(str(int(value)) if isinstance(value, bool) else str(value).strip())
        made = int(number.to_integral_value(ROUND_HALF_UP))
    except (InvalidOperation, OverflowError):
        return None
    return made if -(2**63) <= made < 2**63 else None


def bq_lax_float64(text: str) -> float | None:
    value = loaded(text)
    if isinstance(value, bool | dict | list) or value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def bq_lax_bool(text: str) -> bool | None:
    value = loaded(text)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return bool(value) if isinstance(value, bool | int | float) else None


def bq_lax_string(text: str) -> str | None:
    value = loaded(text)
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
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
    (bq_json_sub, [_T, _T], _T),
    (bq_json_items, [_T, _T], f"{_T}[]"),
    (bq_json_scalars, [_T, _T], f"{_T}[]"),
    (bq_json_append, [_T, _T, _T, "BOOLEAN"], _T),
    (bq_json_insert, [_T, _T, _T, "BOOLEAN"], _T),
    (bq_json_int64, [_T], _B),
    (bq_json_float64, [_T], "DOUBLE"),
    (bq_json_bool, [_T], "BOOLEAN"),
    (bq_json_string, [_T], _T),
    (bq_lax_int64, [_T], _B),
    (bq_lax_float64, [_T], "DOUBLE"),
    (bq_lax_bool, [_T], "BOOLEAN"),
    (bq_lax_string, [_T], _T),
]
