"""Columns in exactly the types of the table they go to.

The driver sends values in Postgres' binary form, where an 8-byte number into a 4-byte column
is an error. So each column is converted to what the table says; where that has no binary
form here (json, uuid, enums, free numerics …) the whole table goes as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.pg import text
from runtime.pg.catalog import Column
from runtime.pg.kinds import kind_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Build = Callable[["pd.Series[Any]"], "pa.Array"]
PIECE = 64 << 10
"""Rows converted at a time."""


class NeedsText(Exception):
    """A column of this table cannot be sent in binary form."""


@dataclass(frozen=True, slots=True)
class Field:
    """How one column is converted, piece by piece."""

    name: str
    type: Any
    build: Build


def binary_fields(
    frame: pd.DataFrame, columns: Mapping[str, Column], *, empty_is_null: bool
) -> list[Field]:
    """For ADBC; NeedsText if any column has no binary form."""
    return [_binary(str(n), frame[n], columns[str(n)], empty_is_null) for n in frame.columns]


def text_fields(frame: pd.DataFrame, columns: Mapping[str, Column]) -> list[Field]:
    """For COPY … (FORMAT csv)."""
    import pyarrow as pa

    def field(name: str) -> Field:
        kind, column = kind_of(frame[name]), columns[name]
        return Field(name, pa.string(), lambda piece: text.strings(piece, kind, column))

    return [field(str(name)) for name in frame.columns]


class Batches:
    """A frame as record batches; what went wrong in a conversion is kept for the caller."""

    def __init__(self, frame: pd.DataFrame, fields: list[Field]) -> None:
        import pyarrow as pa

        self._frame = frame
        self._fields = fields
        self.schema = pa.schema([(field.name, field.type) for field in fields])
        self.failure: Exception | None = None

    def reader(self) -> pa.RecordBatchReader:
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for start in range(0, len(self._frame), PIECE):
            piece = self._frame.iloc[start : start + PIECE]
            try:
                arrays = [field.build(piece[field.name]) for field in self._fields]
            except Exception as error:
                self.failure = error
                raise
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def _binary(name: str, series: pd.Series[Any], column: Column, empty_is_null: bool) -> Field:
    kind = kind_of(series)
    build = _BUILDERS.get(kind)
    wanted = arrow_type(column)
    if wanted is None or build is None or column.type not in _ACCEPTED.get(kind, _ANY):
        raise NeedsText(name)
    if kind == "string" and empty_is_null:
        build = _no_empty_strings
    return Field(name, wanted, _naming(name, column, build, wanted))


def _naming(name: str, column: Column, build: Any, wanted: Any) -> Build:
    """A value that does not fit is reported with its column."""
    import pyarrow as pa

    def built(piece: pd.Series[Any]) -> pa.Array:
        try:
            array = build(piece, wanted)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise ValueError(f"column {name!r} does not fit {column.sql}: {error}") from error
        return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array

    return built


def arrow_type(column: Column) -> Any:
    """The Arrow type whose binary form the column takes; None if there is none."""
    import pyarrow as pa

    name = column.type
    if name.startswith("_"):
        inner = arrow_type(Column(name[1:], column.sql))
        return None if inner is None or name in ("_numeric", "_time") else pa.list_(inner)
    types = {
        "int2": pa.int16(), "int4": pa.int32(), "int8": pa.int64(),
        "float4": pa.float32(), "float8": pa.float64(), "bool": pa.bool_(),
        "text": pa.string(), "varchar": pa.string(), "bpchar": pa.string(),
        "bytea": pa.binary(), "date": pa.date32(), "time": pa.time64("us"),
        "timestamp": pa.timestamp("us"), "timestamptz": pa.timestamp("us", "UTC"),
        "numeric": pa.decimal128(19, 0),
    }  # fmt: skip
    return types.get(name)


_TEXTS = frozenset({"text", "varchar", "bpchar"})
_INTEGERS = frozenset({"int2", "int4", "int8"})
_FLOATS = frozenset({"float4", "float8"})
_LISTS = frozenset(
    f"_{name}" for name in (*_TEXTS, *_INTEGERS, *_FLOATS, "bool", "date", "timestamp")
)
_ANY: frozenset[str] = frozenset()
_ACCEPTED: dict[str, frozenset[str]] = {
    "boolean": frozenset({"bool"}),
    "bytes": frozenset({"bytea"}),
    "categorical": _TEXTS,
    "date": frozenset({"date"}),
    "datetime": frozenset({"timestamp", "timestamptz"}),
    "datetime64": frozenset({"timestamp", "timestamptz"}),
    "decimal": _FLOATS,
    "empty": _TEXTS | _INTEGERS | _FLOATS | {"bool", "date", "timestamp", "timestamptz"},
    "floating": _FLOATS | _INTEGERS,
    "integer": _FLOATS | _INTEGERS | {"numeric"},
    "mixed": _LISTS,
    "mixed-integer-float": _FLOATS,
    "string": _TEXTS,
    "time": frozenset({"time"}),
    "timedelta": frozenset({"int8"}),
    "timedelta64": frozenset({"int8"}),
}


def _plain(series: pd.Series[Any], wanted: Any) -> Any:
    import pyarrow as pa

    array = pa.Array.from_pandas(series)
    return array if array.type == wanted else array.cast(wanted)


def _typed(series: pd.Series[Any], wanted: Any) -> Any:
    """Python objects, each converted to the wanted type."""
    import pyarrow as pa

    return pa.Array.from_pandas(series, type=wanted)


def _nulls(series: pd.Series[Any], wanted: Any) -> Any:
    import pyarrow as pa

    return pa.nulls(len(series), wanted)


def _no_empty_strings(series: pd.Series[Any], wanted: Any) -> Any:
    """Mage copies as CSV, where an empty string arrives as NULL."""
    import pyarrow.compute as pc

    array = _typed(series, wanted)
    return pc.if_else(pc.equal(array, ""), None, array)


def _moments(series: pd.Series[Any], wanted: Any) -> Any:
    """Finer than a microsecond is cut off; a zone on one side only is a matter for text."""
    import pyarrow as pa

    array = pa.Array.from_pandas(series)
    if (array.type.tz is None) != (wanted.tz is None):
        raise NeedsText(str(series.name))
    return array.cast(wanted, safe=False)


def _floats(series: pd.Series[Any], wanted: Any) -> Any:
    return _plain(series.astype("float64"), wanted)


def _nanoseconds(series: pd.Series[Any], wanted: Any) -> Any:
    import pyarrow as pa

    return pa.Array.from_pandas(series).cast(pa.duration("ns")).cast(wanted)


def _lists(series: pd.Series[Any], wanted: Any) -> Any:
    try:
        return _typed(series, wanted)
    except Exception as error:
        raise NeedsText(str(series.name)) from error


_BUILDERS: dict[str, Callable[[pd.Series[Any], Any], Any]] = {
    "boolean": _plain,
    "bytes": _typed,
    "categorical": _plain,
    "date": _typed,
    "datetime": _moments,
    "datetime64": _moments,
    "decimal": _floats,
    "empty": _nulls,
    "floating": _plain,
    "integer": _plain,
    "mixed": _lists,
    "mixed-integer-float": _floats,
    "string": _typed,
    "time": _typed,
    "timedelta": _nanoseconds,
    "timedelta64": _nanoseconds,
}
