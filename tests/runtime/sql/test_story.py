"""SQL blocks on a real Postgres and on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from runtime.contract import Manifest
from runtime.errors import SettingsProblem
from tests.runtime.conftest import Database
from tests.runtime.project import Project

PLAIN = {"data_provider": "postgres", "data_provider_profile": "default"}
RAW = PLAIN | {"use_raw_sql": True}


@pytest.fixture
def shop(project: Project, postgres: Database) -> Iterator[Project]:
    """A project with a Python block above, on a schema of its own."""
    lines = "".join(f"  {key}: {value}\n" for key, value in postgres.flat().items())
    project.file("io_config.yaml", f"default:\n{lines}  POSTGRES_SCHEMA: s\n")
    code = """
    import pandas as pd
    @data_loader
    def load():
        return pd.DataFrame({'Item': ['x', 'y', 'z'], 'a': [1, 2, 3]})
    """
    project.block("load", code)
    project.call("load")
    yield project
    run(postgres, "DROP SCHEMA IF EXISTS s, other CASCADE")


def run(postgres: Database, sql: str) -> list[Any]:
    with psycopg.connect(
        host=postgres.host, port=postgres.port, user=postgres.user, password=postgres.password,
        dbname=postgres.dbname, autocommit=True,
    ) as connection:  # fmt: skip
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def sql(
    project: Project, text: str, uuid: str = "it", kind: str = "transformer", *,
    upstream: tuple[str, ...] = ("load",), settings: Any = None, request: Any = None, **facts: Any,
) -> Any:  # fmt: skip
    project.block(uuid, text, kind=kind, language="sql", upstream=upstream,
                  configuration=PLAIN if settings is None else settings, **facts)  # fmt: skip
    project.call(uuid, **(request or {}))
    outputs = project.outputs(uuid)
    return outputs[0] if outputs else None


@pytest.mark.parametrize("settings", [PLAIN, RAW])
def test_a_dbt_model_above_is_read_where_dbt_put_it(
    shop: Project, postgres: Database, settings: Any
) -> None:
    run(postgres, "CREATE SCHEMA other; CREATE TABLE other.orders AS SELECT 7 AS n")
    model = {"data_provider_table": "orders", "dbt_schema": "other"}
    shop.block("demo/orders", "x", kind="dbt", language="sql", configuration=model)
    context = shop.context("demo/orders")
    context.artifacts.publish(context.prefix, Manifest("demo/orders", "a", []))
    text = "SELECT n * 2 AS n FROM {{ df_1 }};"
    frame = sql(shop, text, upstream=("demo/orders",), settings=settings)
    assert frame["n"].tolist() == [14]


def test_a_frame_is_uploaded_and_queried(shop: Project, postgres: Database) -> None:
    frame = sql(shop, "SELECT item, _a * 10 AS tens FROM {{ df_1 }} WHERE _a > 1;")
    assert frame.to_dict("list") == {"item": ["y", "z"], "tens": [20, 30]}
    assert run(postgres, "SELECT count(*) FROM s.orders_load_v1") == [(3,)]
    assert run(postgres, "SELECT count(*) FROM s.orders_it_v1") == [(2,)]


def test_the_default_policy_grows_the_table(shop: Project) -> None:
    sql(shop, "SELECT item FROM {{ df_1 }}")
    shop.run = "run-2"
    shop.call("load")
    assert len(sql(shop, "SELECT item FROM {{ df_1 }}")) == 6


def test_policies(shop: Project) -> None:
    for number in range(2):
        shop.run = f"run-{number}"
        frame = sql(shop, f"SELECT {number} AS n, 'x' AS c{number}", upstream=(),
                    settings=PLAIN | {"export_write_policy": "replace"})  # fmt: skip
        assert frame.to_dict("list") == {"n": [number], f"c{number}": ["x"]}
    with pytest.raises(ValueError, match=r"'s\.orders_it_v1' already exists"):
        shop.run = "run-3"
        sql(shop, "SELECT 1 AS n", upstream=(), settings=PLAIN | {"export_write_policy": "fail"})


def test_names_and_places_of_tables(shop: Project, postgres: Database) -> None:
    settings = PLAIN | {"data_provider_schema": "other", "data_provider_table": "named"}
    sql(shop, "SELECT count(*) AS n FROM {{ df_1 }}", uuid="sub/it", settings=settings)
    assert run(postgres, "SELECT n FROM other.named") == [(3,)]
    assert run(postgres, "SELECT count(*) FROM other.orders_load_v1") == [(3,)]
    placed = {"upstream_block_configuration": {"load": {"table_name": "other.mine"}}}
    sql(shop, "SELECT count(*) AS n FROM {{ df_1 }}", uuid="b", settings=PLAIN | placed)
    assert run(postgres, "SELECT count(*) FROM other.mine") == [(3,)]


def test_development_has_tables_of_its_own(shop: Project, postgres: Database) -> None:
    request = {"trigger": {"env": "dev"}}
    sql(shop, "SELECT count(*) AS n FROM {{ df_1 }}", request=request)
    assert run(postgres, "SELECT n FROM s.dev_orders_it_v1") == [(3,)]


def test_a_chain_stays_in_the_warehouse(shop: Project) -> None:
    sql(shop, "SELECT item, _a AS n FROM {{ df_1 }}", uuid="one")
    before = len(shop.cloud.requests)
    frame = sql(shop, "SELECT sum(n) AS total FROM {{ df_1 }}", uuid="two", upstream=("one",))
    assert frame["total"].tolist() == [6]
    read = [path for method, path in shop.cloud.requests[before:] if method == "GET"]
    assert not [path for path in read if "one%2F" in path and "manifest" not in path]


def test_a_block_whose_readers_are_in_the_warehouse_fetches_nothing(shop: Project) -> None:
    assert sql(shop, "SELECT item FROM {{ df_1 }}", uuid="one", in_warehouse=True) is None
    assert len(sql(shop, "SELECT * FROM {{ df_1 }}", uuid="two", upstream=("one",))) == 3


def test_raw_selects_stand_in_each_other(shop: Project, postgres: Database) -> None:
    sql(shop, "SELECT item, _a AS n FROM {{ df_1 }}", uuid="one", settings=RAW)
    text = "SELECT x.n FROM {{ df_1 }} x WHERE n > 1 ORDER BY n"
    frame = sql(shop, text, uuid="two", settings=RAW, upstream=("one",))
    assert frame["n"].tolist() == [2, 3]
    assert run(postgres, "SELECT to_regclass('s.orders_one_v1')") == [(None,)]


def test_a_text_that_names_its_inlined_query_itself(shop: Project) -> None:
    sql(shop, "SELECT item, _a AS n FROM {{ df_1 }}", uuid="one", settings=RAW)
    frame = sql(shop, "SELECT max(orders_one_v1.n) AS m FROM {{ df_1 }}", uuid="two",
                settings=RAW, upstream=("one",))  # fmt: skip
    assert frame["m"].tolist() == [3]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("CREATE TABLE s.r (n int); INSERT INTO s.r VALUES (1), (2)", [1, 2]),
        ("CREATE TABLE s.r AS SELECT 5 AS n", [5]),
        ("CREATE TABLE s.r (n int); INSERT INTO s.r VALUES (1); UPDATE s.r SET n = 9 WHERE n = 1",
         [9]),
        ("SELECT 1 AS n; SELECT 2 AS n", [2]),
        ("DROP TABLE s.orders_load_v1", None),
        ("DELETE FROM s.orders_load_v1", None),
        ("-- a 'comment; with traps\nSELECT 7 AS n /* ; */", [7]),
    ],
)  # fmt: skip
def test_what_a_raw_block_leaves(shop: Project, text: str, rows: list[int] | None) -> None:
    sql(shop, "SELECT count(*) AS n FROM {{ df_1 }}", uuid="first")
    frame = sql(shop, text, settings=RAW, upstream=())
    assert (None if frame is None else frame["n"].tolist()) == rows


def test_raw_text_as_it_is(shop: Project, postgres: Database) -> None:
    settings = RAW | {"disable_query_preprocessing": True}
    text = "CREATE SCHEMA IF NOT EXISTS s; CREATE TABLE s.kept AS SELECT 1 AS n"
    assert sql(shop, text, settings=settings, upstream=()) is None
    assert run(postgres, "SELECT n FROM s.kept") == [(1,)]


def test_a_raw_block_is_one_transaction(shop: Project, postgres: Database) -> None:
    sql(shop, "SELECT count(*) AS n FROM {{ df_1 }}", uuid="first")
    with pytest.raises(psycopg.errors.DivisionByZero):
        sql(shop, "CREATE TABLE s.half (n int); SELECT 1/0", settings=RAW, upstream=())
    assert run(postgres, "SELECT to_regclass('s.half')") == [(None,)]


def test_variables_and_outputs_of_blocks(shop: Project) -> None:
    text = (
        "SELECT '{{ ds }}' AS day, {{ limit }} AS lim, '{{ nothing }}' AS none, "
        "{{ block_output('load', parse=lambda data, _: data['a'].sum()) }} AS total"
    )
    request = {"variables": {"limit": 4}, "trigger": {"execution_date": "2024-05-01T00:00:00Z"}}
    frame = sql(shop, text, request=request)
    assert frame.iloc[0].tolist() == ["2024-05-01", 4, "", 6]


def test_what_is_empty_is_not_uploaded(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shop.block("none", "@data_loader\ndef load():\n    return []\n")
    shop.call("none")
    with pytest.raises(psycopg.errors.UndefinedTable, match="orders_none_v1"):
        sql(shop, "SELECT * FROM {{ df_1 }}", upstream=("none",))
    assert "No data in upstream block none." in capsys.readouterr().out


def test_rows_as_dicts_are_uploaded(shop: Project) -> None:
    shop.block("rows", "@data_loader\ndef load():\n    return [[{'n': 1}, {'n': 2}]]\n")
    shop.call("rows")
    assert sql(shop, "SELECT sum(n) AS s FROM {{ df_1 }}", upstream=("rows",))["s"].tolist() == [3]


def test_the_result_is_cut_at_its_limit(shop: Project) -> None:
    settings = PLAIN | {"limit": 1, "limit_in_pipeline_run": 2}
    assert len(sql(shop, "SELECT * FROM {{ df_1 }}", settings=settings)) == 2


def test_a_profile_by_template(shop: Project) -> None:
    settings = PLAIN | {"data_provider_profile": "{{ profile }}"}
    request = {"variables": {"profile": "default"}}
    assert len(sql(shop, "SELECT * FROM {{ df_1 }}", settings=settings, request=request)) == 3
    with pytest.raises(SettingsProblem, match=r"has no profile 'other' \(it has default\)"):
        sql(
            shop,
            "SELECT 1",
            uuid="b",
            upstream=(),
            settings=PLAIN | {"data_provider_profile": "other"},
        )


def test_a_provider_that_nobody_knows(shop: Project) -> None:
    with pytest.raises(SettingsProblem, match="data_provider 'oracle' is not known; one of big"):
        sql(shop, "SELECT 1", upstream=(), settings={"data_provider": "oracle"})


def test_a_raw_block_cannot_use_another_database(shop: Project) -> None:
    shop.file("io_config.yaml", (shop.root / "io_config.yaml").read_text() +
              "duck:\n  DUCKDB_DATABASE: ':memory:'\n")  # fmt: skip
    duck = {"data_provider": "duckdb", "data_provider_profile": "duck"}
    sql(shop, "SELECT 1 AS n", uuid="one", upstream=(), settings=duck)
    with pytest.raises(SettingsProblem, match="cannot use the result of one, which is on duckdb"):
        sql(shop, "SELECT * FROM {{ df_1 }}", upstream=("one",), settings=RAW)
    frame = sql(shop, "SELECT n FROM {{ df_1 }}", uuid="two", upstream=("one",))
    assert frame["n"].tolist() == [1]


@pytest.fixture
def duck(project: Project, tmp_path: Path) -> Project:
    project.file("io_config.yaml", f"default:\n  DUCKDB_DATABASE: {tmp_path}/file.duckdb\n")
    code = """
    import pandas as pd
    @data_loader
    def load():
        return pd.DataFrame({'n': [1, 2], 'x': [0.123456789, 1.5], 'flag': [True, False]})
    """
    project.block("load", code)
    project.call("load")
    return project


DUCK = {"data_provider": "duckdb", "data_provider_profile": "default"}


def test_duckdb_keeps_what_floats_and_booleans_are(duck: Project) -> None:
    frame = sql(duck, "SELECT n, x, flag FROM {{ df_1 }} ORDER BY n", settings=DUCK)
    expected = pd.DataFrame({"n": [1, 2], "x": [0.123456789, 1.5], "flag": [True, False]})
    pd.testing.assert_frame_equal(frame, expected)


def test_duckdb_policies_and_raw_text(duck: Project) -> None:
    for number in range(2):
        duck.run = f"run-{number}"
        duck.call("load")
        frame = sql(duck, "SELECT n FROM {{ df_1 }}", settings=DUCK)
    assert len(frame) == 4
    raw = DUCK | {"use_raw_sql": True}
    made = sql(duck, "CREATE OR REPLACE TABLE t AS SELECT sum(n) AS s FROM {{ df_1 }}; "
               "INSERT INTO t VALUES (40)", uuid="raw", settings=raw)  # fmt: skip
    assert made["s"].tolist() == [3, 40]
    replaced = sql(duck, "SELECT 'new' AS text", uuid="it2", upstream=(),
                   settings=DUCK | {"export_write_policy": "replace"})  # fmt: skip
    assert replaced["text"].tolist() == ["new"]


def test_duckdb_results_travel_between_functions(duck: Project, tmp_path: Path) -> None:
    """Each function has a disk of its own, so the frame goes along."""
    sql(duck, "SELECT n * 2 AS twice FROM {{ df_1 }}", uuid="one", settings=DUCK)
    (tmp_path / "file.duckdb").unlink()
    frame = sql(
        duck, "SELECT sum(twice) AS s FROM {{ df_1 }}", uuid="two", upstream=("one",), settings=DUCK
    )
    assert frame["s"].tolist() == [6]
