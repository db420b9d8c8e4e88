"""What the columns of a table are about, by dtype and by what most texts look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runtime.mage_ai.data_cleaner.column_types.constants import ColumnType

if TYPE_CHECKING:
    import pandas as pd

FEW = 12
"""A column with at most so many different texts is a category."""
MOST = 0.7
"""A pattern decides when this part of the values has it."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[\d\s().-]{7,20}")
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_NUMBER = re.compile(r"[-+]?[$€£¥]?\s*\d[\d,]*(?:\.\d+)?\s*%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s].*)?")
_PATTERNS = (
    (_EMAIL, ColumnType.EMAIL),
    (_ZIP, ColumnType.ZIP_CODE),
    (_NUMBER, ColumnType.NUMBER),
    (_DATE, ColumnType.DATETIME),
    (_PHONE, ColumnType.PHONE_NUMBER),
)


def infer_column_types(
    df: pd.DataFrame, column_types: Mapping[str, Any] | None = None, **_options: Any
) -> dict[str, Any]:
    """A type for every column; those given are kept."""
    known = dict(column_types or {})
    return {str(c): known.get(str(c)) or _type_of(df[c]) for c in df.columns}


def _type_of(series: pd.Series[Any]) -> ColumnType:
    from pandas.api import types

    if types.is_bool_dtype(series.dtype):
        return ColumnType.TRUE_OR_FALSE
    if types.is_integer_dtype(series.dtype):
        return ColumnType.NUMBER
    if types.is_float_dtype(series.dtype):
        whole = series.dropna() % 1 == 0
        return ColumnType.NUMBER if whole.all() else ColumnType.NUMBER_WITH_DECIMALS
    if types.is_datetime64_any_dtype(series.dtype):
        return ColumnType.DATETIME
    return _of_objects(series.dropna())


def _of_objects(values: pd.Series[Any]) -> ColumnType:
    if values.empty:
        return ColumnType.CATEGORY
    if isinstance(values.iloc[0], list | tuple | set):
        return ColumnType.LIST
    texts = values.astype(str).str.strip()
    for pattern, kind in _PATTERNS:
        if texts.map(pattern.fullmatch).notna().mean() >= MOST:
            decimal = kind is ColumnType.NUMBER and texts.str.contains(".", regex=False).any()
            return ColumnType.NUMBER_WITH_DECIMALS if decimal else kind
    return _of_words(texts)


def _of_words(texts: pd.Series[Any]) -> ColumnType:
    different = texts.nunique()
    if different == 2:
        return ColumnType.TRUE_OR_FALSE
    if different <= FEW:
        return ColumnType.CATEGORY
    wordy = texts.str.count(r"\s").mean() > 3
    return ColumnType.TEXT if wordy else ColumnType.CATEGORY_HIGH_CARDINALITY
