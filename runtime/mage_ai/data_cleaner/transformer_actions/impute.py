"""Filling in what is missing; a text of nothing but spaces counts as missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runtime.mage_ai.data_cleaner.column_types.constants import NUMBER_TYPES, ColumnType
from runtime.mage_ai.data_cleaner.transformer_actions.constants import ImputationStrategy

Action = dict[str, Any]
Frame = Any


def impute(df: Frame, action: Action) -> Frame:
    """By a strategy, or with `value`."""
    columns, options = action["action_arguments"], action["action_options"]
    strategy, value = options.get("strategy"), options.get("value")
    df = df.assign(**{c: _missing_if_blank(df[c]) for c in columns})
    if strategy == ImputationStrategy.NOOP:
        return df
    if strategy == ImputationStrategy.ROW_RM:
        return df.dropna(subset=columns)
    if strategy == ImputationStrategy.SEQ:
        df = df.sort_values(by=options["timeseries_index"])
        return df.assign(**{c: df[c].ffill() for c in columns})
    if strategy is None and value is None:
        raise ValueError("impute needs a strategy or a value")
    fill = _FILLERS.get(str(strategy), _constant)
    kinds = {c: _kind(action, c) for c in columns}
    return df.assign(**{c: _typed(fill(df, c, value, kinds[c]), kinds[c]) for c in columns})


def _missing_if_blank(column: Any) -> Any:
    blank = column.map(lambda cell: isinstance(cell, str) and not cell.strip())
    return column.mask(blank.astype(bool))


def _kind(action: Action, column: str) -> Any:
    return action["action_variables"][column]["feature"]["column_type"]


def _typed(column: Any, kind: Any) -> Any:
    import pandas

    return pandas.to_numeric(column) if kind in NUMBER_TYPES else column


def _average(df: Frame, name: str, _value: Any, _kind: Any) -> Any:
    return df[name].astype(float).fillna(df[name].astype(float).mean())


def _median(df: Frame, name: str, _value: Any, _kind: Any) -> Any:
    return df[name].astype(float).fillna(df[name].astype(float).median())


def _mode(df: Frame, name: str, _value: Any, _kind: Any) -> Any:
    return df[name].fillna(df[name].mode().iloc[0])


def _column(df: Frame, name: str, value: Any, _kind: Any) -> Any:
    return df[name].fillna(df[value])


def _random(df: Frame, name: str, _value: Any, _kind: Any) -> Any:
    missing = df[name].isna()
    if missing.all():
        raise ValueError(f"column {name!r} has no value to draw from")
    drawn = df.loc[~missing, name].sample(int(missing.sum()), replace=True)
    filled = df[name].copy()
    filled[missing] = drawn.to_numpy()
    return filled


def _constant(df: Frame, name: str, value: Any, kind: Any) -> Any:
    if value is None:
        value = 0 if kind in NUMBER_TYPES else "[]" if kind == ColumnType.LIST else "missing"
    return df[name].fillna(value)


_FILLERS: dict[str, Callable[[Frame, str, Any, Any], Any]] = {
    ImputationStrategy.AVERAGE: _average,
    ImputationStrategy.COLUMN: _column,
    ImputationStrategy.CONSTANT: _constant,
    ImputationStrategy.MEDIAN: _median,
    ImputationStrategy.MODE: _mode,
    ImputationStrategy.RANDOM: _random,
}
