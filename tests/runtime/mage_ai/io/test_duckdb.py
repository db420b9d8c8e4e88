"""mage_ai.io.duckdb."""

from __future__ import annotations

import pandas as pd
import pytest

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.duckdb import DuckDB

FRAME = pd.DataFrame({"id": [1, 2], "Total Sum": [0.1, 2.25], "when": pd.to_datetime(["2024"] * 2)})


@pytest.fixture
def duck() -> DuckDB:
    return DuckDB.with_config(ConfigFileLoader(config={"DUCKDB_DATABASE": ":memory:"}))


def test_a_table_goes_and_comes_back(duck: DuckDB) -> None:
    duck.export(FRAME, "main", "t")
    back = duck.load("SELECT * FROM t")
    assert list(back.columns) == ["id", "total_sum", "_when"]
    assert back["total_sum"].tolist() == [0.1, 2.25]
    assert len(duck.sample("main", "t", 1)) == 1


def test_policies_and_schemas(duck: DuckDB) -> None:
    duck.export(FRAME, "mart", "t", if_exists="append")
    duck.export(FRAME, "mart", "t", if_exists="append")
    assert len(duck.load("SELECT * FROM mart.t")) == 4
    duck.export(FRAME, "mart", "t")
    assert len(duck.load("SELECT * FROM mart.t")) == 2
    with pytest.raises(ValueError, match="already exists"):
        duck.export(FRAME, "mart", "t", if_exists="fail")
    duck.export(pd.DataFrame({"x": [1]}), "mart", "t", drop_table_on_replace=True)
    assert list(duck.load("SELECT * FROM mart.t").columns) == ["x"]


def test_a_failed_export_leaves_the_table_as_it_was(duck: DuckDB) -> None:
    duck.export(FRAME, "main", "t")
    with pytest.raises(Exception, match="no number"):
        duck.export(pd.DataFrame({"id": ["no number"]}), "main", "t")
    assert len(duck.load("SELECT * FROM t")) == 2


def test_constraints_queries_and_statements(duck: DuckDB) -> None:
    duck.export(FRAME, "main", "t", if_exists="append", unique_constraints=["id"])
    with pytest.raises(Exception, match=r"Duplicate|unique"):
        duck.export(FRAME, "main", "t", if_exists="append")
    duck.export(None, "main", "copy", query_string="SELECT id FROM t")
    duck.execute("DELETE FROM copy WHERE id = $n", n=1)
    assert duck.execute_queries(
        ["INSERT INTO copy VALUES (9)", "SELECT sum(id) AS s FROM copy"],
        fetch_query_at_indexes=[False, True],
    )[1]["s"].tolist() == [11]
    with duck:
        assert duck.execute_query_raw("SELECT 1") == [(1,)]
    with pytest.raises(ConnectionError):
        duck.execute("SELECT 1")


@pytest.mark.parametrize(("method", "note"), [("UPDATE", "newest"), ("IGNORE", "x")])
def test_conflicts(duck: DuckDB, method: str, note: str) -> None:
    """Mage makes the constraint and then lets DuckDB refuse the rows."""
    rules = {"unique_constraints": ["id"], "unique_conflict_method": method}
    duck.export(pd.DataFrame({"id": [1, 2], "note": "x"}), "main", "t", if_exists="append", **rules)
    more = pd.DataFrame({"id": [1, 1, 3], "note": ["new", "newest", "new"]})
    duck.export(more, "main", "t", if_exists="append", **rules)
    back = duck.load("SELECT id, note FROM t ORDER BY id")
    assert back["id"].tolist() == [1, 2, 3]
    assert back["note"][0] == note
