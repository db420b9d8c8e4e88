"""Actions on columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from runtime.mage_ai.data_cleaner.column_types.constants import NUMBER_TYPES, ColumnType
from runtime.mage_ai.data_cleaner.transformer_actions.constants import ActionType
from runtime.mage_ai.data_cleaner.transformer_actions.filters import matching
from runtime.mage_ai.data_cleaner.transformer_actions.impute import impute
from runtime.mage_ai.data_cleaner.transformer_actions.udf import Asked, as_kind, computed
from runtime.mage_ai.data_cleaner.transformer_actions.utils import clean_column_name

if TYPE_CHECKING:
    import pandas as pd

Action = dict[str, Any]
Frame = Any
CURRENCY = re.compile(r"[$€¥₹元£]|Rs|CAD|\s")


def _outputs(action: Action) -> list[str]:
    return [output["uuid"] for output in action["outputs"]]


def aggregate(how: str, df: Frame, action: Action) -> Frame:
    """Of whole columns, or of groups (`groupby_columns`), as a new column of every row."""
    columns, options = action["action_arguments"], action["action_options"]
    if not columns:
        return df
    if not options.get("groupby_columns"):
        whole = df[columns[0]]
        value = whole.iloc[0 if how == "first" else -1] if how in ("first", "last") else None
        return df.assign(**{_outputs(action)[0]: whole.agg(how) if value is None else value})
    rows = _in_window(df, options)
    if action.get("action_code"):
        rows = rows[matching(rows, action["action_code"])]
    groups = rows.groupby(options["groupby_columns"])[columns].agg(how)
    named = groups.rename(columns=dict(zip(columns, _outputs(action), strict=False)))
    return df.merge(named, on=options["groupby_columns"], how="left")


def _in_window(df: Frame, options: dict[str, Any]) -> Frame:
    """Rows whose second time lies within `window` seconds before (or after) the first."""
    if not {"timestamp_feature_a", "timestamp_feature_b", "window"} <= options.keys():
        return df
    import pandas

    first, second = (
        pandas.to_datetime(df[options[f"timestamp_feature_{letter}"]], utc=True) for letter in "ab"
    )
    apart, window = (first - second).dt.total_seconds(), options["window"]
    return df[apart.between(0, window) if window > 0 else apart.between(window, 0)]


def add(df: Frame, action: Action) -> Frame:
    """A new column from others, by a named function (`udf`), as its output's type says."""
    name, arguments = action["action_options"].get("udf"), action["action_arguments"]
    if name is None or not arguments:
        return df
    made = action["outputs"][0]
    asked = Asked(df, arguments, action["action_options"], action["action_code"], _kinds(action))
    return df.assign(**{made["uuid"]: as_kind(computed(name, asked), made.get("column_type"))})


def clean_names(df: Frame, action: Action) -> Frame:
    return df.rename(columns={name: clean_column_name(name) for name in action["action_arguments"]})


def difference(df: Frame, action: Action) -> Frame:
    """From one row to the next."""
    return _one_new(df, action, lambda column: column.diff())


def shift_up(df: Frame, action: Action) -> Frame:
    return _one_new(df, action, lambda column: column.shift(-1))


def shift_down(df: Frame, action: Action) -> Frame:
    options = action["action_options"]
    groups, periods = options.get("groupby_columns"), options.get("periods", 1)
    if groups and action["action_arguments"]:
        shifted = df.groupby(groups)[action["action_arguments"][0]].shift(periods)
        return df.assign(**{_outputs(action)[0]: shifted})
    return _one_new(df, action, lambda column: column.shift(periods))


def _one_new(df: Frame, action: Action, compute: Callable[[Any], Any]) -> Frame:
    if not action["action_arguments"]:
        return df
    return df.assign(**{_outputs(action)[0]: compute(df[action["action_arguments"][0]])})


def normalize(df: Frame, action: Action) -> Frame:
    """Between 0 and 1."""
    return _each(df, action, lambda c: (c - c.min()) / (c.max() - c.min()))


def standardize(df: Frame, action: Action) -> Frame:
    """Mean 0, standard deviation 1 (of the whole, not of a sample)."""
    return _each(df, action, lambda c: (c - c.mean()) / c.std(ddof=0))


def _each(df: Frame, action: Action, compute: Callable[[Any], Any]) -> Frame:
    return df.assign(**{name: compute(df[name]) for name in action["action_arguments"]})


def select(df: Frame, action: Action) -> Frame:
    return df[action["action_arguments"]]


def remove(df: Frame, action: Action) -> Frame:
    return df.drop(columns=[c for c in action["action_arguments"] if c in df.columns])


def reformat(df: Frame, action: Action) -> Frame:
    """caps_standardization, currency_to_num, date_format_conversion or trim."""
    options = action["action_options"]
    return _each(df, action, partial(_reformatted, options["reformat"], options))


def _reformatted(how: str, options: dict[str, Any], column: Any) -> Any:
    import pandas

    texts = column.dropna().map(type).eq(str).all()
    if how == "date_format_conversion":
        return pandas.to_datetime(column, format="mixed", errors="coerce")
    if not texts:
        return column
    if how == "caps_standardization":
        upper = options.get("capitalization") == "uppercase"
        return _blank_as_missing(column.str.upper() if upper else column.str.lower())
    if how == "currency_to_num":
        plain = column.str.replace(CURRENCY, "", regex=True)
        return pandas.to_numeric(plain, errors="coerce").astype(float)
    return column.str.strip() if how == "trim" else _blank_as_missing(column)


def _blank_as_missing(column: Any) -> Any:
    return column.where(column.str.strip().ne("") | column.isna())


def fix_syntax_errors(df: Frame, action: Action) -> Frame:
    """Texts that are not what their column is about become `invalid`, or missing."""
    kinds = _kinds(action)
    return _each(df, action, lambda c: _fixed(c, kinds.get(str(c.name))))


def _fixed(column: Any, kind: Any) -> Any:
    import pandas

    if not column.dropna().map(type).eq(str).all():
        return column
    blank = column.isna() | column.str.strip().eq("")
    if kind in NUMBER_TYPES:
        return column.where(blank | pandas.to_numeric(column, errors="coerce").notna())
    if kind == ColumnType.DATETIME:
        times = pandas.to_datetime(column, format="mixed", errors="coerce")
        return column.where(blank | times.notna())
    pattern = {
        ColumnType.EMAIL: r"[^@\s]+@[^@\s]+\.[^@\s]+",
        ColumnType.ZIP_CODE: r"\d{3,5}(?:-\d{4})?",
        ColumnType.PHONE_NUMBER: r"\+?[\d\s().-]{7,20}",
    }.get(kind)
    if pattern is None:
        return column
    return column.where(column.isna() | column.astype(str).str.fullmatch(pattern), "invalid")


def remove_outliers(df: Frame, action: Action) -> Frame:
    """Rows far from the middle in any number column: beyond 1.5 interquartile ranges."""
    kinds = _kinds(action)
    numbers = df[[c for c in action["action_arguments"] if kinds.get(c) in NUMBER_TYPES]]
    if numbers.empty:
        return df
    numbers = numbers.astype(float)
    low, high = numbers.quantile(0.25), numbers.quantile(0.75)
    reach = 1.5 * (high - low)
    outside = (numbers < low - reach) | (numbers > high + reach)
    return df[~outside.any(axis=1)]


def _kinds(action: Action) -> dict[str, Any]:
    variables = action.get("action_variables") or {}
    return {name: v["feature"]["column_type"] for name, v in variables.items() if v.get("feature")}


def custom(df: pd.DataFrame, action: Action) -> Any:
    """The code changes `df`, or marks functions with `@transformer_action`, or both."""
    functions: list[Callable[[Any], Any]] = []

    def transformer_action(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        functions.append(function)
        return function

    names = {"df": df, "transformer_action": transformer_action}
    exec(action["action_code"], names)  # noqa: S102 (the user's own code)
    result: Any = names["df"]
    for function in functions:
        result = function(result)
    return result


COLUMN_ACTIONS: dict[str, Callable[[Any, Action], Any]] = {
    ActionType.ADD: add,
    ActionType.AVERAGE: partial(aggregate, "mean"),
    ActionType.CLEAN_COLUMN_NAME: clean_names,
    ActionType.COUNT: partial(aggregate, "count"),
    ActionType.COUNT_DISTINCT: partial(aggregate, "nunique"),
    ActionType.CUSTOM: custom,
    ActionType.DIFF: difference,
    ActionType.FIRST: partial(aggregate, "first"),
    ActionType.FIX_SYNTAX_ERRORS: fix_syntax_errors,
    ActionType.IMPUTE: impute,
    ActionType.LAST: partial(aggregate, "last"),
    ActionType.MAX: partial(aggregate, "max"),
    ActionType.MEDIAN: partial(aggregate, "median"),
    ActionType.MIN: partial(aggregate, "min"),
    ActionType.NORMALIZE: normalize,
    ActionType.REFORMAT: reformat,
    ActionType.REMOVE: remove,
    ActionType.REMOVE_OUTLIERS: remove_outliers,
    ActionType.SELECT: select,
    ActionType.SHIFT_DOWN: shift_down,
    ActionType.SHIFT_UP: shift_up,
    ActionType.STANDARDIZE: standardize,
    ActionType.SUM: partial(aggregate, "sum"),
}
