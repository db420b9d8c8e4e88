"""What kind of data a column holds: pandas' own inference, skipping what is missing."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class BadConversionError(Exception):
    """A column's data has no equivalent in the database."""


class PandasTypes(StrEnum):
    """The names that pandas.api.types.infer_dtype gives, and dtypes of lists' items."""

    BOOLEAN = "boolean"
    BYTES = "bytes"
    CATEGORICAL = "categorical"
    COMPLEX = "complex"
    DATE = "date"
    DATETIME = "datetime"
    DATETIME64 = "datetime64"
    DECIMAL = "decimal"
    EMPTY = "empty"
    FLOATING = "floating"
    INT64 = "int64"
    INTEGER = "integer"
    MIXED = "mixed"
    MIXED_INTEGER = "mixed-integer"
    MIXED_INTEGER_FLOAT = "mixed-integer-float"
    OBJECT = "object"
    PERIOD = "period"
    STRING = "string"
    TIME = "time"
    TIMEDELTA = "timedelta"
    TIMEDELTA64 = "timedelta64"
    UNKNOWN_ARRAY = "unknown-array"


def infer_dtypes(df: pd.DataFrame) -> dict[str, str]:
    """Column → kind. A column that pandas types itself is not looked through."""
    from pandas.api.types import infer_dtype

    return {str(name): infer_dtype(df[name], skipna=True) for name in df.columns}


def as_frame(data: Any) -> Any:
    """A frame of a frame, of one row given as a dict, or of a list of rows; not the caller's."""
    import pandas

    if isinstance(data, pandas.DataFrame):
        return data.copy(deep=False)
    if type(data).__module__.startswith("polars"):
        return data.to_pandas()
    return pandas.DataFrame([data] if isinstance(data, dict) else data)
