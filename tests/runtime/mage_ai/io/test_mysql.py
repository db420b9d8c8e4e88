"""mage_ai.io.mysql against MariaDB, through whichever driver is installed here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pandas as pd
import pytest

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.mysql import MySQL
from tests.runtime.servers import Maria

FRAME = pd.DataFrame({"id": [1, 2], "Total Sum": [0.125, None], "note": ["x", None]})


@pytest.fixture
def loader(mariadb: Maria) -> Iterator[MySQL]:
    with MySQL.with_config(ConfigFileLoader(config=mariadb.flat())) as opened:
        opened.verbose = False
        yield opened
        opened.rollback()
        for schema in ("shop", "other"):
            listed = opened.execute_query_raw(
                f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'"
            )
            for (name,) in listed:
                opened.execute(f"DROP TABLE {schema}.{name}")


def test_a_table_goes_and_comes_back(loader: MySQL) -> None:
    loader.export(FRAME, None, "t", if_exists="replace", index=False)
    back = loader.load("SELECT * FROM t ORDER BY id;")
    assert list(back.columns) == ["id", "total_sum", "note"]
    assert back["total_sum"].tolist()[0] == 0.125
    assert pd.isna(back["total_sum"][1]) and pd.isna(back["note"][1])
    assert len(loader.load("SELECT * FROM t", limit=1)) == 1
    assert len(loader.sample("shop", "t", 1)) == 1


def test_types_keep_what_they_are_given(loader: MySQL) -> None:
    frame = pd.DataFrame(
        {
            "n": [5_000_000_000], "price": [Decimal("1.25")], "flag": [True],
            "text": ["ü" * 70_000], "moment": [pd.Timestamp("2999-05-01 10:00:00.123456")],
            "instant": [pd.Timestamp("2024-05-01 12:00", tz="Europe/Berlin")],
            "day": [dt.date(2024, 5, 1)], "took": [pd.Timedelta("1s")],
            "raw": [bytes(300)], "doc": [{"k": [1, None]}], "nothing": [None],
        }
    )  # fmt: skip
    loader.export(frame, table_name="kinds", allow_reserved_words=True)
    (row,) = loader.execute_query_raw("SELECT * FROM kinds")
    assert row[:3] == (5_000_000_000, 1.25, 1)
    assert row[3] == "ü" * 70_000
    assert row[4] == dt.datetime(2999, 5, 1, 10, 0, 0, 123456)
    assert row[5] == dt.datetime(2024, 5, 1, 10)
    assert row[6:8] == (dt.date(2024, 5, 1), 1_000_000_000)
    assert row[8:] == (bytes(300), '{"k": [1, null]}', None)


def test_policies(loader: MySQL) -> None:
    loader.export(FRAME, None, "t", if_exists="append")
    loader.export(FRAME, None, "t", if_exists="append")
    assert len(loader.load("SELECT * FROM t")) == 4
    loader.export(FRAME, None, "t")
    assert len(loader.load("SELECT * FROM t")) == 2
    with pytest.raises(ValueError, match="table 't' already exists"):
        loader.export(FRAME, None, "t", if_exists="fail")
    new = pd.DataFrame({"other": ["x"]})
    loader.export(new, None, "t", drop_table_on_replace=True)
    assert loader.load("SELECT * FROM t").to_dict("list") == {"other": ["x"]}


def test_a_failed_replace_leaves_the_rows_that_were_there(loader: MySQL) -> None:
    loader.export(FRAME, None, "t")
    with pytest.raises(Exception, match="note2"):
        loader.export(FRAME.rename(columns={"note": "note2"}), None, "t")
    assert len(loader.load("SELECT * FROM t")) == 2


def test_another_database_as_schema(loader: MySQL) -> None:
    for _ in range(2):
        loader.export(FRAME, schema_name="other", table_name="t", if_exists="append")
    assert len(loader.load("SELECT * FROM other.t")) == 4


@pytest.mark.parametrize(("method", "note"), [("UPDATE", "new"), ("IGNORE", "x")])
def test_conflicts(loader: MySQL, method: str, note: str) -> None:
    rules = {"unique_constraints": ["id"], "unique_conflict_method": method}
    loader.export(FRAME, None, "t", if_exists="append", **rules)
    more = pd.DataFrame({"id": [1, 3], "total_sum": [9.0, 9.0], "note": ["new", "new"]})
    loader.export(more, None, "t", if_exists="append", **rules)
    back = loader.load("SELECT id, note FROM t ORDER BY id")
    assert back["id"].tolist() == [1, 2, 3]
    assert back["note"][0] == note


def test_texts_can_be_unique(loader: MySQL) -> None:
    loader.export(FRAME.head(1), None, "t", unique_constraints=["note", "id"])
    with pytest.raises(Exception, match="Duplicate entry"):
        loader.export(FRAME.head(1), None, "t", if_exists="append")


def test_types_given_by_the_user(loader: MySQL) -> None:
    loader.export(FRAME, None, "t", overwrite_types={"Total Sum": "DECIMAL(8,1)"})
    found = loader.execute_query_raw("SELECT total_sum FROM t WHERE id = 1")
    assert [row[0] for row in found] == [Decimal("0.1")]


def test_statements_are_committed_by_the_user(loader: MySQL, mariadb: Maria) -> None:
    loader.export(FRAME, None, "t")
    loader.execute("INSERT INTO t (id, note) VALUES (%(id)s, %(note)s)", id=3, note="50%")
    with MySQL.with_config(ConfigFileLoader(config=mariadb.flat())) as other:
        assert len(other.load("SELECT * FROM t")) == 2
        other.rollback()
        loader.commit()
        assert len(other.load("SELECT * FROM t WHERE note LIKE '5%'")) == 1
    first, second = loader.execute_queries(
        ["UPDATE t SET note = 'y' WHERE id = 3", "SELECT note FROM t WHERE id = 3"],
        commit=True,
        fetch_query_at_indexes=[False, True],
    )
    assert first is None
    assert second["note"].tolist() == ["y"]


def test_from_a_query(loader: MySQL) -> None:
    loader.export(FRAME, None, "t")
    for policy, rows in (("append", 1), ("append", 2), ("replace", 1)):
        query = "SELECT id FROM t WHERE id = 1"
        loader.export(None, None, "u", if_exists=policy, query_string=query)
        assert len(loader.load("SELECT * FROM u")) == rows
