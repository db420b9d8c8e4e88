"""mage_ai.io.postgres against a real server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg
import pytest

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.postgres import CannotConnect, Postgres
from tests.runtime.conftest import Database


@pytest.fixture
def loader(postgres: Database) -> Iterator[Postgres]:
    config = ConfigFileLoader(config=postgres.flat() | {"POSTGRES_SCHEMA": "public"})
    with Postgres.with_config(config) as opened:
        opened.verbose = False
        yield opened
        opened.rollback()
        opened.execute("DROP SCHEMA IF EXISTS t CASCADE")
        opened.commit()


def types(loader: Postgres, table: str) -> dict[str, str]:
    rows = loader.execute_query_raw(
        "SELECT column_name, CASE WHEN data_type = 'ARRAY' THEN udt_name ELSE data_type END "
        f"FROM information_schema.columns WHERE table_schema = 't' AND table_name = '{table}'"
    )
    loader.rollback()
    return dict(rows)


def rows(loader: Postgres, query: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = loader.execute_query_raw(query)
    loader.rollback()
    return found


def test_types_of_a_new_table_follow_the_data(loader: Postgres) -> None:
    frame = pd.DataFrame(
        {
            "small": [1, 2],
            "medium": [1, 70_000],
            "large": [1, 5_000_000_000],
            "real": [1.5, None],
            "price": [Decimal("1.25"), None],
            "flag": [True, False],
            "text": ["x", None],
            "grade": pd.Categorical(["a", None]),
            "moment": pd.to_datetime(["2024-05-01 10:00", None]),
            "instant": pd.to_datetime(["2024-05-01 10:00", None]).tz_localize("Europe/Berlin"),
            "day": [dt.date(2024, 5, 1), None],
            "clock": [dt.time(10, 30), None],
            "took": pd.to_timedelta(["1s", None]),
            "raw": [b"\x00\xff", None],
            "doc": [{"k": [1, None]}, None],
            "docs": [[{"k": 1}], None],
            "numbers": [[1, 2], [70_000]],
            "words": [['a,"b"'], []],
            "nothing": [None, None],
        }
    )
    loader.export(frame, "t", "kinds", if_exists="replace")
    assert types(loader, "kinds") == {
        "small": "smallint", "medium": "integer", "_large": "bigint", "_real": "double precision",
        "price": "double precision", "flag": "boolean", "_text": "text", "grade": "text",
        "moment": "timestamp without time zone", "instant": "timestamp with time zone",
        "_day": "date", "clock": "time without time zone", "took": "bigint", "_raw": "bytea",
        "doc": "jsonb", "docs": "jsonb", "numbers": "_int4", "words": "_text", "_nothing": "text",
    }  # fmt: skip
    first = rows(loader, "SELECT * FROM t.kinds")[0]
    assert first[:8] == (1, 1, 1, 1.5, 1.25, True, "x", "a")
    assert first[8] == dt.datetime(2024, 5, 1, 10)
    assert first[9] == dt.datetime(2024, 5, 1, 8, tzinfo=dt.UTC)
    assert first[10:13] == (dt.date(2024, 5, 1), dt.time(10, 30), 1_000_000_000)
    assert first[13:] == (b"\x00\xff", {"k": [1, None]}, [{"k": 1}], [1, 2], ['a,"b"'], None)
    second = rows(loader, "SELECT * FROM t.kinds")[1]
    assert [value for value in second if value is not None] == [
        2, 70_000, 5_000_000_000, False, [70_000], [],
    ]  # fmt: skip


def test_plain_tables_go_by_arrow_and_come_back_alike(loader: Postgres) -> None:
    frame = pd.DataFrame({"n": range(300_000), "s": "word", "x": 0.5})
    loader.export(frame, "t", "long")
    back = loader.load("SELECT * FROM t.long ORDER BY n;")
    assert back.dtypes.astype(str).to_dict() == {"n": "int32", "s": "object", "x": "float64"}
    assert back["n"].tolist() == list(range(300_000))


def test_names_are_cleaned_and_reserved_words_marked(loader: Postgres) -> None:
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["User Name", "a", "1st", "Total$"])
    loader.export(frame, "t", "names")
    assert list(types(loader, "names")) == ["user_name", "_a", "letter_1st", "total"]
    loader.export(frame, "t", "kept", allow_reserved_words=True, case_sensitive=True)
    assert list(types(loader, "kept")) == ["User_Name", "a", "letter_1st", "Total"]
    loader.export(frame, "t", "raw", auto_clean_name=False)
    assert list(types(loader, "raw")) == ["User Name", "a", "1st", "Total$"]


def test_replace_empties_the_table_and_keeps_it(loader: Postgres) -> None:
    loader.execute("CREATE SCHEMA t; CREATE TABLE t.sales (n numeric(8,2), note varchar(9))")
    loader.commit()
    loader.export(pd.DataFrame({"n": [1.005, 2.5], "note": ["x", ""]}), "t", "sales")
    loader.export(pd.DataFrame({"n": [3, 4], "note": ["y", "z"]}), "t", "sales")
    assert rows(loader, "SELECT n, note FROM t.sales") == [(3, "y"), (4, "z")]
    assert types(loader, "sales")["n"] == "numeric"


def test_a_dropped_table_is_made_anew_and_cascades_when_told(loader: Postgres) -> None:
    loader.export(pd.DataFrame({"n": [1]}), "t", "base")
    loader.execute("CREATE VIEW t.seen AS SELECT n FROM t.base")
    loader.commit()
    text = pd.DataFrame({"n": ["x"]})
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        loader.export(text, "t", "base", drop_table_on_replace=True)
    loader.export(text, "t", "base", drop_table_on_replace=True, cascade_on_drop=True)
    assert types(loader, "base") == {"n": "text"}


def test_append_and_fail(loader: Postgres) -> None:
    frame = pd.DataFrame({"n": [1]})
    for _ in range(2):
        loader.export(frame, "t", "grows", if_exists="append")
    assert rows(loader, "SELECT count(*) FROM t.grows") == [(2,)]
    with pytest.raises(ValueError, match="already exists"):
        loader.export(frame, "t", "grows", if_exists="fail")


def test_an_empty_string_arrives_as_null(loader: Postgres) -> None:
    loader.export(pd.DataFrame({"s": ["", "x"]}), "t", "plain")
    loader.export(pd.DataFrame({"s": ["", "x"], "d": [{}, {}]}), "t", "texts")
    assert rows(loader, "SELECT s FROM t.plain") == [(None,), ("x",)]
    assert rows(loader, "SELECT s FROM t.texts") == [(None,), ("x",)]


@pytest.mark.parametrize(
    ("kind", "values", "stored"),
    [
        ("integer", [1, 2], [1, 2]),
        ("integer", [1.0, None], [1, None]),
        ("real", [0.5, 1.5], [0.5, 1.5]),
        ("numeric", [1, 2], [1, 2]),
        ("numeric(6,2)", [1.25, None], [Decimal("1.25"), None]),
        ("text", [1, 2], ["1", "2"]),
        ("text", [1.0, 2.5], ["1.0", "2.5"]),
        ("text", [True, False], ["True", "False"]),
        ("date", ["2024-05-01"], [dt.date(2024, 5, 1)]),
        ("timestamp", ["2024-05-01 10:00"], [dt.datetime(2024, 5, 1, 10)]),
        ("jsonb", ['{"a": 1}'], [{"a": 1}]),
        ("jsonb", [{"a": float("nan")}, None], [{"a": None}, None]),
        ("uuid", ["00000000-0000-4000-8000-000000000001"], None),
        ("bigint[]", [[1, 2], None], [[1, 2], None]),
        ("t.mood", ["glad"], ["glad"]),
        ("char(3)", ["ab"], ["ab "]),
    ],
)  # fmt: skip
def test_values_take_the_types_of_the_table_that_is_there(
    loader: Postgres, kind: str, values: list[Any], stored: list[Any] | None
) -> None:
    loader.execute("CREATE SCHEMA t; CREATE TYPE t.mood AS ENUM ('glad', 'sad')")
    loader.execute(f"CREATE TABLE t.there (id int, v {kind})")
    loader.commit()
    frame = pd.DataFrame({"id": range(len(values)), "v": values})
    loader.export(frame, "t", "there", if_exists="append")
    found = [value for (value,) in rows(loader, "SELECT v FROM t.there ORDER BY id")]
    assert found == stored if stored is not None else str(found[0]) == values[0]


def test_a_value_that_does_not_fit_names_its_column(loader: Postgres) -> None:
    loader.execute("CREATE SCHEMA t; CREATE TABLE t.narrow (v smallint)")
    loader.commit()
    with pytest.raises(ValueError, match=r"column 'v' does not fit smallint.*70000"):
        loader.export(pd.DataFrame({"v": [70_000]}), "t", "narrow")
    with pytest.raises(ValueError, match="has no column 'w'; it has v"):
        loader.export(pd.DataFrame({"w": [1]}), "t", "narrow", if_exists="append")


def test_a_failed_export_leaves_nothing_behind(loader: Postgres) -> None:
    loader.export(pd.DataFrame({"v": [1, 2]}), "t", "kept")
    with pytest.raises(ValueError, match="does not fit"):
        loader.export(pd.DataFrame({"v": [70_000]}), "t", "kept")
    assert rows(loader, "SELECT count(*) FROM t.kept") == [(2,)]
    with pytest.raises(ValueError, match="same name"):
        loader.export(pd.DataFrame([[1, 2]], columns=["x y", "x_y"]), "fresh", "kept")
    assert rows(loader, "SELECT 1 FROM pg_namespace WHERE nspname = 'fresh'") == []


@pytest.mark.parametrize("extra", [{}, {"doc": [{}, {}, {}]}], ids=["arrow", "text"])
def test_conflicts_update_or_are_ignored(loader: Postgres, extra: dict[str, Any]) -> None:
    first = pd.DataFrame({"id": [1, 2, 2], "v": ["a", "b", ""]} | extra)
    settings: dict[str, Any] = {"if_exists": "append", "unique_constraints": ["id"]}
    update = settings | {"unique_conflict_method": "UPDATE"}
    loader.export(first, "t", "keyed", **update)
    assert rows(loader, "SELECT id, v FROM t.keyed ORDER BY id") == [(1, "a"), (2, "")]
    second = pd.DataFrame({"id": [2, 3, None], "v": ["B", "C", "N"]} | extra)
    second["id"] = second["id"].astype("Int64")
    loader.export(second, "t", "keyed", **update)
    loader.export(
        second.replace("B", "Z"), "t", "keyed", **settings, unique_conflict_method="IGNORE"
    )
    assert rows(loader, "SELECT id, v FROM t.keyed ORDER BY id, v") == [
        (1, "a"), (2, "B"), (3, "C"), (None, "N"), (None, "N"),
    ]  # fmt: skip
    with pytest.raises(psycopg.errors.UniqueViolation):
        loader.export(second.head(1), "t", "keyed", if_exists="append")


def test_overwritten_types_and_an_exported_index(loader: Postgres) -> None:
    frame = pd.DataFrame({"Price": [1.5]}, index=pd.Index([7], name="sku"))
    loader.export(frame, "t", "typed", index=True, overwrite_types={"Price": "numeric(8,2)"})
    assert types(loader, "typed") == {"sku": "smallint", "price": "numeric"}


def test_rows_given_as_dicts(loader: Postgres) -> None:
    loader.export([{"n": 1}, {"n": 2}], "t", "dicts")
    loader.export({"n": 3}, "t", "dicts", if_exists="append")
    assert rows(loader, "SELECT n FROM t.dicts") == [(1,), (2,), (3,)]


def test_what_is_not_committed_yet_is_seen_by_load_and_export(loader: Postgres) -> None:
    loader.execute("CREATE SCHEMA t")
    loader.execute("CREATE TABLE t.fresh (n int)")
    loader.execute("INSERT INTO t.fresh VALUES (%(n)s)", n=1)
    assert loader.load("SELECT n FROM t.fresh")["n"].tolist() == [1]
    loader.export(pd.DataFrame({"n": [2]}), "t", "fresh", if_exists="append")
    loader.rollback()
    assert rows(loader, "SELECT n FROM t.fresh") == [(1,), (2,)]


def test_load_gives_what_pandas_would(loader: Postgres) -> None:
    query = (
        "SELECT 1.5::numeric AS n, 'x'::text AS t, NULL::int AS nothing, DATE '2024-05-01' AS d, "
        "TIMESTAMPTZ '2024-05-01 10:00+00' AS z"
    )
    frame = loader.load(query)
    assert frame["n"].dtype == float
    assert frame["d"].tolist() == [dt.date(2024, 5, 1)]
    assert str(frame["z"].dt.tz) == "UTC"
    objects = loader.load("SELECT '{\"a\": 1}'::jsonb AS j, ARRAY[1,2] AS a")
    assert objects.iloc[0].tolist() == [{"a": 1}, [1, 2]]
    assert len(loader.load("SELECT generate_series(1, 10) AS n", limit=3)) == 3
    assert loader.load("SELECT 1 AS n WHERE 1 = %(one)s", params={"one": 1})["n"].tolist() == [1]


def test_sample_and_execute_queries(loader: Postgres) -> None:
    loader.export(pd.DataFrame({"n": [1, 2, 3]}), "t", "some")
    assert len(loader.sample("t", "some", 2)) == 2
    results = loader.execute_queries(
        ["DELETE FROM t.some WHERE n = 1", "SELECT count(*) AS c FROM t.some"],
        fetch_query_at_indexes=[True, True],
        commit=True,
    )
    assert results[0] is None
    assert results[1]["c"].tolist() == [2]


def test_a_wrong_password_is_said_without_it(postgres: Database) -> None:
    flat = postgres.flat() | {"POSTGRES_PASSWORD": "battery staple"}
    with (
        Postgres.with_config(ConfigFileLoader(config=flat)) as loader,
        pytest.raises(CannotConnect, match="password authentication failed") as refused,
    ):
        loader.export(pd.DataFrame({"n": [1]}), "t", "x")
    assert "battery" not in str(refused.value)
    assert f"127.0.0.1:{postgres.port}" in str(refused.value)
    with (
        Postgres.with_config(ConfigFileLoader(config=flat)) as loader,
        pytest.raises(CannotConnect),
    ):
        loader.execute("SELECT 1")


def test_a_missing_table_is_named(loader: Postgres) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable, match=r'relation "t\.nowhere"'):
        loader.load("SELECT * FROM t.nowhere")


def test_an_unopened_connection_says_so(postgres: Database) -> None:
    closed = Postgres.with_config(ConfigFileLoader(config=postgres.flat()))
    with pytest.raises(ConnectionError, match="use `with`"):
        closed.execute("SELECT 1")
