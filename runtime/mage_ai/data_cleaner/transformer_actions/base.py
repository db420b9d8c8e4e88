"""Performing an action: `BaseAction(action).execute(df)`."""

from __future__ import annotations

import json
import re
from typing import Any

from runtime.mage_ai.data_cleaner.transformer_actions.column import COLUMN_ACTIONS
from runtime.mage_ai.data_cleaner.transformer_actions.constants import ActionType, Axis
from runtime.mage_ai.data_cleaner.transformer_actions.row import ROW_ACTIONS

Action = dict[str, Any]


class BaseAction:
    """One action, as `build_transformer_action` makes it or as JSON holds it."""

    def __init__(self, action: Action) -> None:
        self.action = {
            "action_arguments": [],
            "action_code": "",
            "action_options": {},
            "outputs": [],
            **action,
        }

    @property
    def action_type(self) -> str:
        return str(self.action["action_type"])

    @property
    def axis(self) -> str:
        return str(self.action.get("axis", Axis.COLUMN))

    def execute(self, df: Any, **kwargs: Any) -> Any:
        """The changed table; the one given stays as it is."""
        if df.empty:
            return df
        action = _with_names(self.action)
        if self.action_type == ActionType.GROUP:
            return _grouped(df, action)
        if self.action_type == ActionType.JOIN:
            return _joined(df, kwargs["df_to_join"], action)
        known = ROW_ACTIONS if self.axis == Axis.ROW else COLUMN_ACTIONS
        if self.action_type not in known:
            raise ValueError(f"there is no action {self.action_type!r} on {self.axis}s")
        return known[self.action_type](df.copy(), action)


def _with_names(action: Action) -> Action:
    """`%{1}` in code, arguments and options stands for the variable's column."""
    names = {
        key: str(variable["feature"]["uuid"])
        for key, variable in (action.get("action_variables") or {}).items()
        if variable and variable.get("feature")
    }

    def filled(text: str) -> str:
        return re.sub(r"%\{([^}]+)\}", lambda m: names.get(m[1], m[0]), text)

    return {
        **action,
        "action_code": filled(action["action_code"] or ""),
        "action_arguments": [
            filled(a) if isinstance(a, str) else a for a in action["action_arguments"]
        ],
        "action_options": json.loads(filled(json.dumps(action["action_options"], default=str))),
    }


def _grouped(df: Any, action: Action) -> Any:
    """The child actions, on each group by itself."""
    import pandas

    pieces = []
    for _, piece in df.groupby(action["action_arguments"]):
        for child in action["child_actions"]:
            piece = BaseAction(child).execute(piece)  # noqa: PLW2901 (each on the one before)
        pieces.append(piece)
    return pandas.concat(pieces)


def _joined(df: Any, other: Any, action: Action) -> Any:
    options = action["action_options"]
    left, right = list(options["left_on"]), list(options["right_on"])
    renamed = {
        o["source_feature"]["uuid"]: o["uuid"] for o in action["outputs"] if o.get("source_feature")
    }
    other = other.rename(columns=renamed)
    right = [renamed.get(name, name) for name in right]
    df, other = df.copy(), other.copy()
    for mine, theirs in zip(left, right, strict=True):
        if df[mine].dtype != other[theirs].dtype:
            df[mine], other[theirs] = df[mine].astype(str), other[theirs].astype(str)
    merged = df.merge(other, left_on=left, right_on=right, how=options.get("how", "left"))
    dropped = merged.drop(columns=options.get("drop_columns", []))
    return dropped.rename(columns=options.get("rename_columns", {}))
