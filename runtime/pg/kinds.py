"""What a frame's columns hold, and Mage's choice of type for a new table.

Integers get the smallest type that holds the data, floats and decimals double precision,
times of day and dates their own, lists of scalars an array, anything mixed JSONB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SIMPLE = {
    "boolean": "boolean",
    "bytes": "bytea",
    "categorical": "text",
    "date": "date",
    "decimal": "double precision",
    "empty": "text",
    "floating": "double precision",
    "mixed-integer-float": "double precision",
    "period": "bigint",
    "string": "text",
    "time": "time",
    "timedelta": "bigint",
    "timedelta64": "bigint",
}
INTEGERS = (("smallint", 15), ("integer", 31), ("bigint", 63))


def kind_of(series: pd.Series[Any]) -> str:
    """pandas.api.types.infer_dtype, without looking through columns whose dtype says it."""
    from pandas.api import types

    dtype = series.dtype
    if isinstance(dtype, types.CategoricalDtype):
        return "categorical"
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_integer_dtype(dtype):
        return "integer"
    if types.is_float_dtype(dtype):
        return "floating"
    if types.is_datetime64_any_dtype(dtype):
        return "datetime64"
    return types.infer_dtype(series, skipna=True)


def column_type(series: pd.Series[Any], kind: str) -> str:
    """The SQL type of this column in a new table."""
    if kind == "integer":
        return _integer(series)
    if kind in ("datetime", "datetime64"):
        return "timestamptz" if _has_zone(series) else "timestamp"
    if kind in ("mixed", "unknown-array", "complex"):
        return _nested(series)
    return SIMPLE.get(kind, "text")


def column_types(frame: pd.DataFrame, given: Mapping[str, str]) -> dict[str, str]:
    """`given` names types that the user chose (overwrite_types)."""
    return {
        str(name): given.get(str(name)) or column_type(frame[name], kind_of(frame[name]))
        for name in frame.columns
    }


def _integer(series: pd.Series[Any]) -> str:
    least, most = series.min(), series.max()
    if least is None or least != least:  # noqa: PLR0124 (NaN: no value at all)
        return "smallint"
    for name, bits in INTEGERS:
        if -(2**bits) <= int(least) and int(most) < 2**bits:
            return name
    return "numeric"


def _has_zone(series: pd.Series[Any]) -> bool:
    if hasattr(series, "dt"):
        return series.dt.tz is not None
    first = next((value for value in series if value is not None), None)
    return getattr(first, "tzinfo", None) is not None


def _nested(series: pd.Series[Any]) -> str:
    """By the first value that is not an empty list."""
    values = [v for v in series[series.notna()] if not (isinstance(v, list) and not v)]
    if not values or not isinstance(values[0], list):
        return "JSONB"
    if isinstance(values[0][0], dict):
        return "JSONB"
    return _array(values)


def _array(lists: list[list[Any]]) -> str:
    """An array type that holds the items of all lists; text where they differ."""
    import pandas

    items = pandas.Series([item for one in lists if isinstance(one, list) for item in one])
    kind = kind_of(items)
    if kind in ("mixed", "unknown-array", "complex") or any(not isinstance(v, list) for v in lists):
        return "JSONB"
    return f"{column_type(items, kind)}[]"
