"""mage_ai.io.clickhouse: the client of ClickHouse against its own engine."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from runtime.mage_ai.io.clickhouse import ClickHouse
from runtime.mage_ai.io.config import ConfigFileLoader

FRAME = pd.DataFrame({"id": [1, 2], "Total Sum": [0.5, None], "note": ["it's", None]})
AT = pd.Timestamp("1955-11-05 03:04:05.000678")


@pytest.fixture
def loader(clickhouse_server: dict[str, object]) -> ClickHouse:
    made = ClickHouse.with_config(ConfigFileLoader(config=clickhouse_server))
    made.verbose = False
    for table in ("t", "u"):
        made.execute(f"DROP TABLE IF EXISTS {table}")
    return made


def test_a_table_goes_and_comes_back(loader: ClickHouse) -> None:
    loader.export(FRAME, "t")
    back = loader.load("SELECT * FROM t ORDER BY id;")
    assert back.columns.tolist() == ["id", "Total Sum", "note"]
    assert back["Total Sum"].tolist()[0] == 0.5
    assert [None if pd.isna(value) else value for value in back["note"]] == ["it's", None]
    assert len(loader.load("SELECT * FROM t", limit=1)) == 1
    assert "Memory" in loader.execute("SHOW CREATE TABLE t")


def test_policies(loader: ClickHouse) -> None:
    for policy, rows in (("append", 2), ("append", 4), ("replace", 2)):
        loader.export(FRAME, "t", if_exists=policy)
        assert len(loader.load("SELECT * FROM t")) == rows
    with pytest.raises(ValueError, match=r"'default\.t' already exists"):
        loader.export(FRAME, "t", if_exists="fail")
    loader.export(pd.DataFrame({"x": [1]}), "t", if_exists="replace", index=True)
    assert list(loader.load("SELECT * FROM t").columns) == ["index", "x"]


@pytest.mark.parametrize(
    ("value", "kind", "back"),
    [
        (7, "Int64", 7),
        (0.5, "Float64", 0.5),
        (Decimal("1.5"), "Float64", 1.5),
        (True, "Bool", True),
        ("é", "String", "é"),
        (dt.date(1912, 1, 2), "Date32", pd.Timestamp("1912-01-02")),
        (AT, "DateTime64(6)", AT),
        (pd.Timedelta("1s"), "Int64", 10**9),
        ({"a": [1, None]}, "String", '{"a": [1, null]}'),
        ([1, 2], "String", "[1, 2]"),
    ],
)  # fmt: skip
def test_types(loader: ClickHouse, value: Any, kind: str, back: Any) -> None:
    """Each beside a missing one."""
    values = pd.Series([value, None], dtype=object)
    loader.export(pd.DataFrame({"n": [1, 2], "it": values}), "t")
    described = loader.execute_query("DESCRIBE TABLE t")
    assert described["type"].tolist() == ["Nullable(Int64)", f"Nullable({kind})"]
    one, missing = loader.load("SELECT it FROM t ORDER BY n")["it"].astype(object).tolist()
    assert one == back
    assert pd.isna(missing)


def test_a_table_of_the_users_own_making(loader: ClickHouse) -> None:
    """Its arrays and maps take lists and dicts; types can be named without writing it all."""
    frame = pd.DataFrame(
        {"id": [1], "tags": [["a", "b"]], "facts": [{"x": 1}], "mixed": [{"y": 2}]}
    )
    made = ("CREATE TABLE t (id UInt8, tags Array(String), facts Map(String, Int64), mixed String) "
            "ENGINE = MergeTree ORDER BY id")  # fmt: skip
    loader.export(frame, "t", create_table_statement=made)
    row = loader.execute_query("SELECT tags[2] AS tag, facts['x'] AS x, mixed FROM t").iloc[0]
    assert (row["tag"], row["x"], row["mixed"]) == ("b", 1, '{"y": 2}')
    loader.export(FRAME, "u", overwrite_types={"id": "UInt16"})
    assert loader.execute_query("DESCRIBE TABLE u")["type"][0] == "UInt16"


def test_from_a_query_and_statements(loader: ClickHouse) -> None:
    for _ in range(2):
        loader.export(None, "u", query_string="SELECT 1 AS n")
    first, second = loader.execute_queries(
        ["INSERT INTO u VALUES (5)", "SELECT sum(n) AS s FROM u"], fetch_query_at_indexes=[0, 1]
    )
    assert second["s"].tolist() == [7]
    assert not isinstance(first, pd.DataFrame)
    found = loader.execute_query("SELECT n FROM u WHERE n > {least:Int64}", {"least": 2})
    assert found["n"].tolist() == [5]
    with pytest.raises(Exception, match="nowhere"):
        loader.load("SELECT * FROM nowhere")
