"""Actions on rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runtime.mage_ai.data_cleaner.column_types.constants import NUMBER_TYPES
from runtime.mage_ai.data_cleaner.transformer_actions.column import custom
from runtime.mage_ai.data_cleaner.transformer_actions.constants import ActionType
from runtime.mage_ai.data_cleaner.transformer_actions.filters import matching

Action = dict[str, Any]
Frame = Any


def drop_duplicates(df: Frame, action: Action) -> Frame:
    """The last of equal rows stays, unless `keep` says otherwise."""
    subset = action["action_arguments"] or None
    return df.drop_duplicates(subset=subset, keep=action["action_options"].get("keep", "last"))


def filter_rows(df: Frame, action: Action) -> Frame:
    return df[matching(df, action["action_code"])] if action["action_code"] else df


def remove(df: Frame, action: Action) -> Frame:
    return df.drop([row for row in action["action_options"]["rows"] if row in df.index])


def sort(df: Frame, action: Action) -> Frame:
    """Numbers by their value, also where they are texts. Rows whose first number is missing come
    first when ascending, as they are; what is missing elsewhere comes last.
    """
    options, names = action["action_options"], action["action_arguments"]
    ascending = options.get("ascendings") or options.get("ascending", True)
    numbers = {name: float for name in names if _is_number(action, name)}
    keys = df[names].reset_index(drop=True)
    blank = keys[list(numbers)].astype(str).eq("")
    keys = keys.assign(**keys[list(numbers)].mask(blank).astype(numbers))
    missing = keys[names[0]].isna() & (names[0] in numbers)
    order = keys[~missing].sort_values(by=names, ascending=ascending).index.tolist()
    left = keys.index[missing].tolist()
    up = ascending[0] if isinstance(ascending, list) else ascending
    return df.iloc[left + order if up else order + left]


def _is_number(action: Action, name: str) -> bool:
    variable = (action.get("action_variables") or {}).get(name) or {}
    return variable.get("feature", {}).get("column_type") in NUMBER_TYPES


ROW_ACTIONS: dict[str, Callable[[Any, Action], Any]] = {
    ActionType.CUSTOM: custom,
    ActionType.DROP_DUPLICATE: drop_duplicates,
    ActionType.FILTER: filter_rows,
    ActionType.REMOVE: remove,
    ActionType.SORT: sort,
}
