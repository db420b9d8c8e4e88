"""Named functions for new columns; the expected columns are what Mage 0.9.80 made of this table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from runtime.mage_ai.data_cleaner.transformer_actions.base import BaseAction
from runtime.mage_ai.data_cleaner.transformer_actions.utils import build_transformer_action

FRAME = pd.DataFrame({
    "g": ["a", "a", "b"], "n": [1, 3, 5], "x": [1.0, None, 4.0],
    "t": pd.to_datetime(["2024-01-02", "2024-01-01", "2024-03-01"]),
    "d": ["2024-01-05", "2024-01-01", "2024-02-01"], "s": [" Ab ", "cd", None],
    "m": ["1 a", "2 b", "3"],
})  # fmt: skip


def added(udf: str, arguments: list[Any], kind: str, code: str = "", **options: Any) -> list[Any]:
    action = build_transformer_action(
        FRAME, "add", arguments, action_code=code, options={"udf": udf, **options},
        outputs=[{"uuid": "made", "column_type": kind}],
    )  # fmt: skip
    column = BaseAction(action).execute(FRAME)["made"]
    return [None if pd.isna(value) else value for value in column.tolist()]


@pytest.mark.parametrize(
    ("udf", "arguments", "kind", "options", "made"),
    [
        ("addition", ["n", "x"], "number", {}, [2, 0, 9]),
        ("addition", ["n", "x"], "number_with_decimals", {}, [2.0, None, 9.0]),
        ("addition", ["n", "x"], "text", {}, ["2.0", None, "9.0"]),
        ("addition", ["n", "n", "n"], "number", {"value": 5}, [8, 14, 20]),
        ("addition", ["t"], "text", {"value": 2, "time_unit": "h"},
         ["2024-01-02 02:00:00", "2024-01-01 02:00:00", "2024-03-01 02:00:00"]),
        ("difference", ["n", "x"], "number_with_decimals", {}, [0.0, None, 1.0]),
        ("difference", ["n"], "number", {"value": 3}, [-2, 0, 2]),
        ("difference", ["d", "t"], "number", {"column_type": "datetime"}, [3, 0, -29]),
        ("difference", ["t"], "text", {"value": 1},
         ["2024-01-01 00:00:00", "2023-12-31 00:00:00", "2024-02-29 00:00:00"]),
        ("multiply", ["n", "x"], "number", {}, [1, 0, 20]),
        ("multiply", ["n"], "number_with_decimals", {"value": "1.5"}, [1.5, 4.5, 7.5]),
        ("divide", ["n"], "number", {"value": 2}, [0, 1, 2]),
        ("divide", ["n", "x"], "number_with_decimals", {}, [1.0, None, 1.25]),
        ("constant", [7], "text", {}, ["7", "7", "7"]),
        ("date_trunc", ["t"], "text", {"date_part": "week"},
         ["2024-01-01", "2024-01-01", "2024-02-26"]),
        ("formatted_date", ["d"], "text", {"format": "%Y/%m"}, ["2024/01", "2024/01", "2024/02"]),
        ("string_replace", ["s"], "text", {"pattern": "A", "replacement": "z"},
         [" zb ", "cd", None]),
        ("string_split", ["m"], "number", {"separator": " ", "part_index": 0}, [1, 2, 3]),
        ("substring", ["s"], "text", {"start": 0, "stop": 2}, [" A", "cd", None]),
        ("distance_between", ["n", "x", "x", "n"], "number", {}, [0, 0, 157]),
    ],
)  # fmt: skip
def test_new_columns(
    udf: str, arguments: list[Any], kind: str, options: dict[str, Any], made: list[Any]
) -> None:
    assert added(udf, arguments, kind, **options) == made


def test_one_of_two_by_a_filter() -> None:
    assert added("if_else", [1, 0], "number", "n > 2") == [0, 1, 1]
    columns = {"arg1_type": "column", "arg2_type": "column"}
    found = added("if_else", ["n", "x"], "number_with_decimals", "n > 2", **columns)
    assert found == [1.0, 3.0, 5.0]


@pytest.mark.parametrize(
    ("udf", "options", "problem"),
    [
        ("nothing", {}, "unknown udf 'nothing'; one of addition"),
        ("addition", {}, "a second column or a value is needed"),
        ("divide", {}, "a second column or a value is needed"),
        ("date_trunc", {"date_part": "month"}, "not cut to the month"),
    ],
)
def test_what_cannot_be_made(udf: str, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        added(udf, ["n"], "number", **options)
