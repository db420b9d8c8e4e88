"""Putting an action together."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runtime.mage_ai.data_cleaner.column_types.column_type_detector import infer_column_types
from runtime.mage_ai.data_cleaner.transformer_actions.constants import ActionType, Axis

if TYPE_CHECKING:
    import pandas as pd


def build_action_variables(
    df: pd.DataFrame,
    ctypes: Mapping[str, Any] | None = None,
    columns: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Name and type of every column."""
    kinds = infer_column_types(df, column_types=ctypes)
    return {
        str(name): {
            "type": "feature",
            "feature": {"uuid": name, "column_type": kinds[str(name)]},
        }
        for name in (df.columns if columns is None else columns)
    }


def build_transformer_action(
    df: pd.DataFrame,
    action_type: ActionType | str,
    arguments: Sequence[Any] = (),
    action_code: str = "",
    options: Mapping[str, Any] | None = None,
    axis: Axis | str = Axis.COLUMN,
    outputs: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The dict that BaseAction takes."""
    return {
        "action_type": action_type,
        "action_arguments": list(arguments),
        "action_code": action_code,
        "action_options": dict(options or {}),
        "action_variables": build_action_variables(df),
        "axis": axis,
        "outputs": list(outputs),
    }


def clean_column_name(name: str) -> str:
    """snake_case of letters, digits and underscores; never a keyword, never a number first."""
    name = re.sub(r"[\s.-]", "_", str(name).strip(" '\"_-"))
    name = re.sub(r"[^\w]", "", name, flags=re.ASCII)
    name = re.sub(r"^\d*$", lambda digits: f"number_{digits[0]}", name)
    if not name.isupper() and re.fullmatch(r"[A-Za-z]+", name):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", name)
    name = name.lower()
    return f"{name}_" if keyword.iskeyword(name) else name
