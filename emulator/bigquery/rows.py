"""Rows on the wire: `{"f": [{"v": …}]}`, every scalar a string (Google: "Jobs:
getQueryResults").
"""

from __future__ import annotations

import base64
import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Field = dict[str, Any]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


def rows_json(table: Any, fields: list[Field], int64_timestamps: bool) -> list[dict[str, Any]]:
    """Of an Arrow table whose columns are `fields`."""
    columns = [
        [{"v": value} for value in _column(table.column(at), field, int64_timestamps)]
        for at, field in enumerate(fields)
    ]
    return [{"f": list(cells)} for cells in zip(*columns, strict=True)]


def _column(column: Any, field: Field, int64_timestamps: bool) -> list[Any]:
    convert = converter(field, int64_timestamps)
    return [None if value is None else convert(value) for value in values_of(column, field)]


def values_of(column: Any, field: Field) -> list[Any]:
    """Python's, or moments as microseconds."""
    import pyarrow as pa

    repeated = field["mode"] == "REPEATED"
    if field["type"] == "TIMESTAMP" and not repeated:
        return list(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist())
    values: list[Any] = column.to_pylist()
    return [[] if value is None else value for value in values] if repeated else values


def converter(field: Field, int64_timestamps: bool) -> Callable[[Any], Any]:
    """Python's value → the wire's."""
    if field["mode"] == "REPEATED":
        each = converter({**field, "mode": "NULLABLE"}, int64_timestamps)
        return lambda values: [{"v": None if v is None else each(v)} for v in values]
    if field["type"] == "RECORD":
        return _record(field, int64_timestamps)
    if field["type"] == "TIMESTAMP":
        return _micros if int64_timestamps else _seconds
    return _SCALARS.get(field["type"], str)


def _record(field: Field, int64_timestamps: bool) -> Callable[[Any], Any]:
    inside = [(f, converter(f, int64_timestamps)) for f in field["fields"]]

    def convert(value: dict[str, Any]) -> dict[str, Any]:
        cells = []
        for inner, each in inside:
            found = value[inner["name"]]
            if found is None and inner["mode"] == "REPEATED":
                found = []
            cells.append({"v": None if found is None else each(found)})
        return {"f": cells}

    return convert


def _micros_of(value: Any) -> int:
    if isinstance(value, int):
        return value
    aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    return int((aware - EPOCH) // _MICROSECOND)


def _micros(value: Any) -> str:
    return str(_micros_of(value))


def _seconds(value: Any) -> str:
    """The older form: seconds as a float."""
    whole, part = divmod(_micros_of(value), 1_000_000)
    return f"{whole}.{part:06d}" if whole >= 0 or not part else repr(_micros_of(value) / 1e6)


def _float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def _decimal(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _time(value: datetime.time) -> str:
    return value.isoformat()


def _datetime(value: datetime.datetime) -> str:
    return value.isoformat()


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _interval(value: Any) -> str:
    """`Y-M D H:M:S[.F]` of Arrow's (months, days, nanoseconds)."""
    months, days, nanos = value
    sign = "-" if months < 0 else ""
    years, rest = divmod(abs(months), 12)
    seconds, fraction = divmod(abs(nanos) // 1000, 1_000_000)
    minus = "-" if nanos < 0 else ""
    clock = f"{minus}{seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}"
    tail = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{sign}{years}-{rest} {days} {clock}{tail}"


_SCALARS: dict[str, Callable[[Any], str]] = {
    "FLOAT": _float,
    "BOOLEAN": _bool,
    "BYTES": _bytes,
    "NUMERIC": _decimal,
    "BIGNUMERIC": _decimal,
    "DATE": lambda value: str(value.isoformat()),
    "TIME": _time,
    "DATETIME": _datetime,
    "INTERVAL": _interval,
}
