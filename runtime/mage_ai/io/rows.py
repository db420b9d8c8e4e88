"""A frame's rows as Python values, for drivers that insert row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runtime.mage_ai.shared.parsers import encode_complex

if TYPE_CHECKING:
    import pandas as pd


def rows_of(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """None where a value is missing, JSON where it is nested, plain Python otherwise."""
    columns = [objects(frame.iloc[:, n]) for n in range(frame.shape[1])]
    return list(zip(*columns, strict=True))


def in_utc(frame: pd.DataFrame) -> pd.DataFrame:
    """Times with a zone as UTC without one, for databases that keep no zones."""
    aware: dict[str, Any] = {
        str(c): frame[c].dt.tz_convert(None) for c in frame.select_dtypes("datetimetz")
    }
    return frame.assign(**aware) if aware else frame


def objects(series: pd.Series[Any]) -> Iterator[Any]:
    """A column's values, each as `plain` gives it."""
    missing = series.isna()
    values = series.astype(object)
    return (None if gone else plain(value) for value, gone in zip(values, missing, strict=True))


def texts(series: pd.Series[Any]) -> list[str | None]:
    """Of any values; None where one is missing."""
    return [v if v is None or isinstance(v, str) else str(v) for v in objects(series)]


def spans(series: pd.Series[Any]) -> Any:
    """Timedeltas as whole nanoseconds, in a column that knows what is missing."""
    import pandas

    return pandas.array(list(objects(series)), dtype="Int64")


def plain(value: Any) -> Any:
    if isinstance(value, dict | list | tuple) or getattr(value, "ndim", 0) > 0:
        return json.dumps(value, default=encode_complex, ensure_ascii=False)
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    if hasattr(value, "to_pytimedelta"):
        return value.value
    return value.item() if hasattr(value, "item") else value
