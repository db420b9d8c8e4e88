"""Every transformer action, on small tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from runtime.mage_ai.data_cleaner.transformer_actions.base import BaseAction
from runtime.mage_ai.data_cleaner.transformer_actions.constants import ActionType, Axis
from runtime.mage_ai.data_cleaner.transformer_actions.utils import (
    build_transformer_action,
    clean_column_name,
)

FRAME = pd.DataFrame({"g": ["a", "a", "b"], "n": [1, 3, 5], "x": [1.0, None, 4.0]})


def act(kind: str, arguments: Any = (), frame: pd.DataFrame = FRAME, **facts: Any) -> Any:
    before = frame.copy()
    action = build_transformer_action(frame, kind, arguments, **facts)
    result = BaseAction(action).execute(frame)
    pd.testing.assert_frame_equal(frame, before)
    return result


def made(uuid: str) -> list[dict[str, Any]]:
    return [{"uuid": uuid, "column_type": "number"}]


@pytest.mark.parametrize(
    ("kind", "grouped"),
    [
        (ActionType.AVERAGE, [2, 2, 5]),
        (ActionType.SUM, [4, 4, 5]),
        (ActionType.MIN, [1, 1, 5]),
        (ActionType.MAX, [3, 3, 5]),
        (ActionType.MEDIAN, [2, 2, 5]),
        (ActionType.FIRST, [1, 1, 5]),
        (ActionType.LAST, [3, 3, 5]),
        (ActionType.COUNT, [2, 2, 1]),
        (ActionType.COUNT_DISTINCT, [2, 2, 1]),
    ],
)
def test_aggregates(kind: str, grouped: list[int]) -> None:
    result = act(kind, ["n"], options={"groupby_columns": ["g"]}, outputs=made("out"))
    assert result["out"].tolist() == grouped


def test_aggregates_of_whole_columns_filters_and_windows() -> None:
    assert act("sum", ["n"], outputs=made("s"))["s"].tolist() == [9, 9, 9]
    assert act("first", ["n"], outputs=made("s"))["s"].tolist() == [1, 1, 1]
    only = act("sum", ["n"], options={"groupby_columns": ["g"]}, outputs=made("s"),
               action_code="n > 1")  # fmt: skip
    assert only["s"].tolist() == [3, 3, 5]
    days = FRAME.assign(t=pd.to_datetime(["2024-01-02"] * 3),
                        u=pd.to_datetime(["2024-01-01", "2023-01-01", "2024-01-02"]))  # fmt: skip
    options = {"groupby_columns": ["g"], "timestamp_feature_a": "t", "timestamp_feature_b": "u",
               "window": 86400}  # fmt: skip
    assert act("count", ["n"], days, options=options, outputs=made("c"))["c"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("n > 1", [1, 2]),
        ("n >= 3 and g == 'a'", [1]),
        ("g == 'b' or (n < 2 and x != null)", [0, 2]),
        ("x == null", [1]),
        ("g contains 'a'", [0, 1]),
        ("g not contains 'a'", [2]),
        ("not (n == 1)", [1, 2]),
        ("n > x", [2]),
    ],
)
def test_filters(code: str, rows: list[int]) -> None:
    assert act("filter", action_code=code, axis=Axis.ROW).index.tolist() == rows


@pytest.mark.parametrize("code", ["__import__('os')", "n > 1 and __import__('os')", "n"])
def test_a_filter_is_no_python(code: str) -> None:
    with pytest.raises(ValueError, match="cannot read the filter"):
        act("filter", action_code=code, axis=Axis.ROW)


def test_rows() -> None:
    twice = pd.concat([FRAME, FRAME])
    assert len(act("drop_duplicate", [], twice, axis="row")) == 3
    assert act("drop_duplicate", ["g"], axis="row").index.tolist() == [1, 2]
    assert act("remove", axis="row", options={"rows": [0, 9]}).index.tolist() == [1, 2]
    texts = pd.DataFrame({"n": ["10", "9", "", "2"]})
    assert act("sort", ["n"], texts, axis="row")["n"].tolist() == ["", "2", "9", "10"]
    down = act("sort", ["n"], axis="row", options={"ascending": False})
    assert down["n"].tolist() == [5, 3, 1]


@pytest.mark.parametrize(
    ("names", "options", "order"),
    [
        (["x"], {}, [1, 0, 3, 2]),
        (["x"], {"ascending": False}, [2, 3, 0, 1]),
        (["s"], {}, [2, 0, 3, 1]),
        (["g", "x"], {}, [0, 1, 3, 2]),
        (["g", "n"], {"ascendings": [False, True]}, [3, 2, 0, 1]),
    ],
)
def test_where_missing_values_are_sorted_to(
    names: list[str], options: dict[str, Any], order: list[int]
) -> None:
    """As by Mage 0.9.80."""
    frame = pd.DataFrame({
        "g": ["a", "a", "b", "b"], "n": [1, 3, 5, 2], "x": [1.0, None, 4.0, 2.5],
        "s": ["Ab", None, "", "cd"],
    })  # fmt: skip
    assert act("sort", names, frame, axis="row", options=options).index.tolist() == order


def test_columns() -> None:
    assert list(act("select", ["n"]).columns) == ["n"]
    assert list(act("remove", ["n", "gone"]).columns) == ["g", "x"]
    assert act("diff", ["n"], outputs=made("d"))["d"].tolist()[1:] == [2, 2]
    assert act("shift_up", ["n"], outputs=made("d"))["d"].tolist()[:2] == [3, 5]
    assert act("shift_down", ["n"], outputs=made("d"))["d"].tolist()[1:] == [1, 3]
    down = act("shift_down", ["n"], outputs=made("d"), options={"groupby_columns": ["g"]})
    assert down["d"].isna().tolist() == [True, False, True]
    assert act("normalize", ["n"])["n"].tolist() == [0, 0.5, 1]
    assert act("standardize", ["n"])["n"].round(3).tolist() == [-1.225, 0, 1.225]
    added = act("add", ["n", "x"], outputs=made("s"), options={"udf": "multiply"})
    assert added["s"].tolist()[2] == 20
    assert list(act("clean_column_name", ["My Col"], pd.DataFrame({"My Col": [1]}))) == ["my_col"]


def test_missing_values() -> None:
    fill = {"average": 2.5, "median": 2.5, "mode": 1.0, "constant": 0.0}
    for strategy, value in fill.items():
        result = act("impute", ["x"], options={"strategy": strategy})
        assert result["x"].tolist() == [1.0, value, 4.0]
    assert act("impute", ["x"], options={"value": 7})["x"].tolist() == [1, 7, 4]
    by_column = act("impute", ["x"], options={"strategy": "column", "value": "n"})
    assert by_column["x"].tolist() == [1, 3, 4]
    assert act("impute", ["x"], options={"strategy": "random"})["x"].isin([1, 4]).all()
    seq = act("impute", ["x"], options={"strategy": "sequential", "timeseries_index": ["n"]})
    assert seq["x"].tolist() == [1, 1, 4]
    assert len(act("impute", ["x"], options={"strategy": "remove_rows"})) == 2
    blank = pd.DataFrame({"s": ["a", " ", None]})
    assert act("impute", ["s"], blank, options={"strategy": "constant"})["s"].tolist() == [
        "a", "missing", "missing",
    ]  # fmt: skip


def test_reformatting() -> None:
    frame = pd.DataFrame(
        {"t": [" A ", "b", " "], "m": ["$ 1.50", "€2", "x"], "d": ["2024-05-01"] * 3}
    )
    upper = {"reformat": "caps_standardization", "capitalization": "uppercase"}
    assert act("reformat", ["t"], frame, options=upper)["t"].tolist()[:2] == [" A ", "B"]
    money = act("reformat", ["m"], frame, options={"reformat": "currency_to_num"})["m"]
    assert money.tolist()[:2] == [1.5, 2.0]
    assert money.isna().tolist() == [False, False, True]
    trimmed = act("reformat", ["t"], frame, options={"reformat": "trim"})
    assert trimmed["t"].tolist() == ["A", "b", ""]
    dates = act("reformat", ["d"], frame, options={"reformat": "date_format_conversion"})
    assert dates["d"].dt.year.tolist() == [2024] * 3


def test_cleaning() -> None:
    mails = pd.DataFrame({"e": ["a@b.de", "c@d.de", "e@f.de", "nonsense"]})
    assert act("fix_syntax_errors", ["e"], mails)["e"].tolist()[-1] == "invalid"
    days = pd.DataFrame({"d": ["2024-05-01", "2024-06-01", "never", "2024-07-01"]})
    assert act("fix_syntax_errors", ["d"], days)["d"].tolist()[:2] == ["2024-05-01", "2024-06-01"]
    odd = pd.DataFrame({"n": [1, 2, 3, 2, 1, 2, 3, 1000]})
    assert len(act("remove_outliers", ["n"], odd, options={"method": "auto"})) == 7


def test_custom_code_groups_and_joins() -> None:
    assert act("custom", action_code="df['n'] = df['n'] * 2")["n"].tolist() == [2, 6, 10]
    marked = "@transformer_action\ndef f(df):\n    return df.head(1)\n"
    assert len(act("custom", action_code=marked)) == 1
    other = pd.DataFrame({"g": ["a", "b"], "label": ["first", "second"]})
    action = build_transformer_action(FRAME, "join", options={"left_on": ["g"], "right_on": ["g"]})
    joined = BaseAction(action).execute(FRAME, df_to_join=other)
    assert joined["label"].tolist() == ["first", "first", "second"]
    child = build_transformer_action(FRAME, "diff", ["n"], outputs=made("d"))
    group = build_transformer_action(FRAME, "group", ["g"]) | {"child_actions": [child]}
    assert BaseAction(group).execute(FRAME)["d"].isna().tolist() == [True, False, True]


def test_placeholders_name_columns() -> None:
    action = {
        "action_type": "filter", "axis": "row", "action_code": "%{1} > 1",
        "action_variables": {"1": {"type": "feature", "feature": {"uuid": "n"}}},
    }  # fmt: skip
    assert BaseAction(action).execute(FRAME)["n"].tolist() == [3, 5]


def test_an_action_that_is_only_a_name() -> None:
    with pytest.raises(ValueError, match="there is no action 'explode' on columns"):
        act("explode", ["n"])


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("My Column", "my_column"),
        ("camelCase", "camel_case"),
        ("PascalCase", "pascal_case"),
        ("UPPER", "upper"),
        ("a-b.c", "a_b_c"),
        ("100", "number_100"),
        ("%", "number_"),
        ("class", "class_"),
        ("'quoted'", "quoted"),
        ("a%b", "ab"),
    ],
)
def test_names_of_columns(name: str, clean: str) -> None:
    assert clean_column_name(name) == clean
