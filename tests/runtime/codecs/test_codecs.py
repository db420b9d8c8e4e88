"""Every kind of value comes back as it was."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

from runtime import codecs
from runtime.codecs import values


def again(value: Any) -> Any:
    encoded = codecs.encode(value)
    return codecs.decode(encoded.format, encoded.data(), encoded.meta)


FRAMES = {
    "plain": pd.DataFrame({"n": [1, 2], "x": [0.5, None], "s": ["a", None], "b": [True, False]}),
    "nullable": pd.DataFrame(
        {"n": pd.array([1, None], "Int64"), "s": pd.array(["a", None], "string")}
    ),
    "times": pd.DataFrame(
        {
            "naive": pd.to_datetime(["2024-05-01 10:00:00.123456", None]),
            "zone": pd.to_datetime(["2024-05-01", None]).tz_localize("Europe/Berlin"),
            "nano": pd.Series([1714557600123456789, 0]).astype("datetime64[ns]"),
            "took": pd.to_timedelta(["1s", None]),
            "period": pd.period_range("2024-01", periods=2, freq="M"),
        }
    ),
    "category": pd.DataFrame(
        {"c": pd.Categorical(["x", None], categories=["y", "x"], ordered=True)}
    ),
    "objects": pd.DataFrame(
        {
            "mixed": pd.Series([1, "a"], dtype=object),
            "lists": pd.Series([[1, 2], []], dtype=object),
            "dicts": pd.Series([{"a": 1}, {"b": [None]}], dtype=object),
            "whole": pd.Series([1, None], dtype=object),
            "days": pd.Series([dt.date(2024, 5, 1), None], dtype=object),
            "money": pd.Series([Decimal("1.50"), Decimal("2.25")], dtype=object),
            "texts": pd.Series(["a", None], dtype=object),
            "flags": pd.Series([True, None], dtype=object),
            "raw": pd.Series([b"\x00", None], dtype=object),
            "moments": pd.Series([dt.datetime(2024, 5, 1), "later"], dtype=object),
        }
    ),
    "index": pd.DataFrame({"v": [1, 2]}, index=pd.Index(["p", "q"], name="key")),
    "two levels": pd.DataFrame(
        {"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["l", "n"])
    ),
    "gaps": pd.DataFrame({"v": [1, 2, 3]}).iloc[[0, 2]],
    "empty": pd.DataFrame({"a": pd.Series([], dtype="int64"), "b": pd.Series([], dtype="str")}),
    "no columns": pd.DataFrame(index=range(3)),
    "complex": pd.DataFrame({"z": [1 + 2j]}),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_frames(name: str) -> None:
    frame = FRAMES[name]
    pd.testing.assert_frame_equal(again(frame), frame)


def test_column_names_become_text() -> None:
    frame = pd.DataFrame({1: [1], ("a", "b"): [2]})
    assert list(again(frame).columns) == ["1", "('a', 'b')"]
    assert list(frame.columns) == [1, ("a", "b")]


def test_a_frame_that_was_read_can_be_written_to() -> None:
    back = again(pd.DataFrame({"a": [1, 2], "x": [0.5, 1.5]}))
    back.loc[0, "a"] = 5
    back["x"] += 1
    assert back.to_dict("list") == {"a": [5, 2], "x": [1.5, 2.5]}


@pytest.mark.parametrize("name", ["total", None, 7])
def test_series(name: Any) -> None:
    series = pd.Series([1.5, None], index=["a", "b"], name=name)
    pd.testing.assert_series_equal(again(series), series)


def test_tables_of_other_libraries() -> None:
    frame = pl.DataFrame({"n": [1, None], "l": [[1], []], "d": [dt.date(2024, 5, 1)] * 2})
    assert again(frame).equals(frame)
    assert again(frame["n"]).equals(frame["n"], null_equal=True)
    assert again(frame.lazy()).equals(frame)
    table = pa.table({"n": [1, 2]})
    assert again(table).equals(table)


def test_large_tables_are_written_in_pieces() -> None:
    frame = pd.DataFrame(
        {"n": np.arange(2_400_000), "x": np.ones(2_400_000), "o": [None, "a"] * 1_200_000}
    )
    frame["o"] = frame["o"].astype(object)
    encoded = codecs.encode(frame)
    assert encoded.streamed
    back = codecs.decode(encoded.format, encoded.data(), encoded.meta)
    assert back["n"].equals(frame["n"])
    assert back["o"].iloc[[0, -1]].tolist() == [None, "a"]
    assert isinstance(back.index, pd.RangeIndex)


VALUES = [
    dt.datetime(2024, 5, 1, 10, 30, 0, 5),
    dt.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    dt.datetime(2024, 5, 1, tzinfo=dt.timezone(dt.timedelta(hours=5))),
    dt.date(2024, 5, 1),
    dt.time(10, 30),
    dt.timedelta(days=-1, microseconds=3),
    Decimal("1.10"),
    uuid.UUID(int=7),
    {1, 2},
    frozenset({"a"}),
    1 + 2j,
    {"a": dt.date(2024, 5, 1), "b": [np.int64(3), b"x"], "c": None},
    {"$type": "user", "value": 1},
    {"$type": "datetime.date"},
    pd.Timestamp("2024-05-01 10:00:00.123456789", tz="UTC"),
    np.float32(1.5),
    np.datetime64("2024-05-01"),
    np.bool_(True),
    "lone \ud800 surrogate",
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values(value: Any) -> None:
    back = again(value)
    assert back == value
    assert type(back) is type(value)


def test_missing_values_and_arrays() -> None:
    assert again({"a": pd.NaT})["a"] is pd.NaT
    assert again([pd.NA])[0] is pd.NA
    assert np.isnan(again({"x": float("nan")})["x"])
    np.testing.assert_array_equal(again(np.arange(6).reshape(2, 3)), np.arange(6).reshape(2, 3))
    nested = again({"a": np.array([[1.5, 2.5]])})["a"]
    np.testing.assert_array_equal(nested, [[1.5, 2.5]])


def test_other_objects_are_pickled_with_a_digest() -> None:
    value = {("a", "tuple"): Counter("aab")}
    encoded = codecs.encode(value)
    assert encoded.format == "pickle"
    assert encoded.meta["sha256"] == hashlib.sha256(encoded.data()).hexdigest()
    assert again(value) == value
    with pytest.raises(ValueError, match="not the one that its manifest names"):
        codecs.decode("pickle", encoded.data() + b".", encoded.meta)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("$type"), inner),
)


@given(JSON | st.dates() | st.datetimes() | st.decimals(allow_nan=False) | st.sets(st.integers()))
@settings(max_examples=150, deadline=None)
def test_json_is_the_same_again(value: Any) -> None:
    assert values.loads(values.dumps(value)) == value
