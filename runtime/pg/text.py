"""Values as the text that Postgres reads: for types that have no binary form here."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.pg.catalog import Column

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_JSON = frozenset({"json", "jsonb"})
_INTEGERS = frozenset({"int2", "int4", "int8"})


def strings(series: pd.Series[Any], kind: str, column: Column) -> pa.Array:
    """A column as strings, null where a value is missing."""
    import pyarrow as pa

    write = _writer(kind, column)
    missing = series.isna()
    cells = [None if gone else write(v) for v, gone in zip(series, missing, strict=True)]
    return pa.array(cells, pa.string())


def _writer(kind: str, column: Column) -> Callable[[Any], str]:
    if kind in ("timedelta", "timedelta64"):
        return lambda value: str(value.value)
    if kind == "period":
        return lambda value: str(value.ordinal)
    if column.type in _JSON:
        return _json_text if kind != "string" else str
    if column.type in _INTEGERS and kind == "floating":
        return _integral(column)
    return lambda value: _plain(value, column)


def _integral(column: Column) -> Callable[[Any], str]:
    def write(value: float) -> str:
        if value != int(value):
            raise ValueError(f"{value} does not fit {column.sql}")
        return str(int(value))

    return write


def _plain(value: Any, column: Column) -> str:
    if isinstance(value, bytes | bytearray):
        return "\\x" + bytes(value).hex()
    if (column.type.startswith("_") and isinstance(value, list | tuple)) or _is_array(value):
        return array_literal(list(value))
    if isinstance(value, dict | list | tuple):
        return _json_text(value)
    return str(value)


def _is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and getattr(value, "ndim", 0) > 0


def array_literal(items: list[Any]) -> str:
    """Postgres: "Array Input": braces, every item quoted, backslash before quotes."""
    return "{" + ",".join(_item(item) for item in items) + "}"


def _item(item: Any) -> str:
    if item is None or item != item:  # noqa: PLR0124 (NaN)
        return "NULL"
    if isinstance(item, list | tuple):
        return array_literal(list(item))
    written = _json_text(item) if isinstance(item, dict) else str(item)
    return '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _json_text(value: Any) -> str:
    return json.dumps(_jsonable(value), ensure_ascii=False)


def _jsonable(value: Any) -> Any:
    """Missing numbers become null, since JSON has no NaN; the rest becomes what JSON has."""
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(item) for item in value]
    if type(value).__module__ == "numpy":
        return _jsonable(value.tolist())
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):  # noqa: PLR0124 (NaN)
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
