"""dbt blocks on a real Postgres and on DuckDB, where dbt is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from runtime.record import replace
from tests.emulator.conftest import PROJECT
from tests.runtime.conftest import Database
from tests.runtime.project import Project

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("dbt") is None,
        reason="dbt is not installed here (pip install 'dbt-core<1.11' dbt-postgres dbt-duckdb)",
    ),
    pytest.mark.filterwarnings("ignore"),  # dbt's own
]
FACTS = {"folder": "dbt/demo", "profiles": "dbt/demo/profiles.yml", "returns": True}
LOAD = """
    import pandas as pd
    @data_loader
    def load(*args, **kwargs):
        return pd.DataFrame({'id': [1, 2, 3], 'name': ['a', None, 'c'], 'day': ['2024-05-01'] * 3})
"""
MODEL = """
    {{ config(materialized='table') }}
    select id * {{ var('factor', 1) }} as id, name, day
    from {{ source('mage_demo', 'orders_load') }} where id > 1
"""


@pytest.fixture
def shop(project: Project, postgres: Database) -> Iterator[Project]:
    """A dbt project beside a Python loader, on a schema of its own."""
    at = postgres
    project.file("dbt/demo/dbt_project.yml", "name: demo\nversion: 1.0.0\nprofile: demo\n")
    project.file(
        "dbt/demo/profiles.yml",
        f"""
        demo:
          target: dev
          outputs:
            dev: {{type: postgres, host: {at.host}, port: "{{{{ variables('port') }}}}",
                   user: {at.user}, password: "{at.password}", dbname: {at.dbname}, schema: dbt,
                   threads: 2}}
            disk: {{type: duckdb, path: "{project.home}/it.db"}}
        """,
    )
    project.block("load", LOAD)
    project.call("load")
    yield project
    run(postgres, "DROP SCHEMA IF EXISTS dbt CASCADE")


def run(postgres: Database, sql: str) -> list[Any]:
    with psycopg.connect(
        host=postgres.host, port=postgres.port, user=postgres.user, password=postgres.password,
        dbname=postgres.dbname, autocommit=True,
    ) as connection:  # fmt: skip
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def dbt(
    project: Project, postgres: Database, path: str, text: str, language: str = "sql", **facts: Any
) -> str:
    """A dbt block; its uuid is its path below `dbt/`."""
    uuid = path.partition(".")[0]
    facts = {"upstream": ("load",), "dbt": FACTS, **facts}
    variables = {"port": postgres.port, **facts.pop("variables", {})}
    project.block(uuid, text, kind="dbt", language=language, variables=variables, **facts)
    if language == "sql":
        (project.root / f"dbts/{uuid}.sql").unlink()
        project.file(f"dbt/{path}", text)
        project.specs[uuid] = replace(project.specs[uuid], path=f"dbt/{path}")
    return uuid


def test_a_model_reads_an_upstream_table_and_hands_on_its_rows(
    shop: Project, postgres: Database
) -> None:
    uuid = dbt(shop, postgres, "demo/models/orders.sql", MODEL, variables={"factor": 10})
    assert shop.call(uuid).rows == 2
    frame = shop.outputs(uuid)[0]
    assert frame["id"].tolist() == [20, 30]
    assert frame["name"].tolist() == [None, "c"]
    assert run(postgres, "SELECT count(*) FROM dbt.orders") == [(2,)]
    assert run(postgres, "SELECT count(*) FROM dbt.mage_orders_load") == [(3,)]


def test_a_model_below_a_model_finds_it_in_the_database(shop: Project, postgres: Database) -> None:
    nothing = {**FACTS, "returns": False}
    first = dbt(shop, postgres, "demo/models/orders.sql", MODEL, dbt=nothing)
    text = "select count(*) as n from {{ ref('orders') }}"
    second = dbt(shop, postgres, "demo/models/counted.sql", text, upstream=(first,))
    assert shop.call(first).outputs == 0
    assert shop.call(second).rows == 1
    assert shop.outputs(second)[0]["n"].tolist() == [2]


def test_a_failing_test_of_dbt_fails_the_block(shop: Project, postgres: Database) -> None:
    shop.file(
        "dbt/demo/models/schema.yml",
        """
        version: 2
        models:
        - name: orders
          columns:
          - {name: name, data_tests: [not_null]}
        """,
    )
    uuid = dbt(shop, postgres, "demo/models/orders.sql", MODEL)
    status, answer = shop.answer(uuid)
    failure = answer["error"]
    assert (status, failure["kind"], failure["type"]) == (500, "test", "DbtTestsFailed")
    assert "not_null_orders_name: Got 1 result" in failure["message"]
    silent = {"configuration": {"dbt": {"disable_tests": True}}}
    other = dbt(shop, postgres, "demo/models/orders.sql", MODEL, **silent)
    assert shop.call(other).rows == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [("select nothing from nowhere", "nowhere"), ("select {{ ref('gone') }}", "named 'gone'")],
)
def test_a_broken_model_is_told_of(
    shop: Project, postgres: Database, text: str, words: str
) -> None:
    uuid = dbt(shop, postgres, "demo/models/bad.sql", text)
    failure = shop.answer(uuid)[1]["error"]
    assert (failure["type"], failure["file"]) == ("DbtError", "dbt/demo/models/bad.sql")
    assert words in failure["message"]
    assert postgres.password not in failure["message"]


def test_a_command_line_runs_what_it_selects(shop: Project, postgres: Database) -> None:
    shop.file("dbt/demo/models/orders.sql", MODEL)
    shop.file("dbt/demo/models/other.sql", "select 1 as one")
    shop.file("dbt/demo/seeds/cities.csv", "id,city\n1,Riga\n")
    seed = {"configuration": {"dbt": {"command": "seed"}}}
    first = dbt(shop, postgres, "cities.yaml", "--select cities", "yaml", **seed)
    text = "--select {{ variables('model') }} --vars '{factor: 5}'"
    second = dbt(shop, postgres, "some.yaml", text, "yaml", variables={"model": "orders"})
    assert shop.call(first).outputs == 0
    assert shop.call(second).outputs == 0
    assert run(postgres, "SELECT city FROM dbt.cities") == [("Riga",)]
    assert run(postgres, "SELECT id FROM dbt.orders ORDER BY 1") == [(10,), (15,)]
    assert run(postgres, "SELECT to_regclass('dbt.other')") == [(None,)]


def test_another_target_is_another_database(shop: Project, postgres: Database) -> None:
    chosen = {"dbt_profile_target": "{{ variables('where') }}"}
    told = {"configuration": chosen, "variables": {"where": "disk"}}
    uuid = dbt(shop, postgres, "demo/models/orders.sql", MODEL, **told)
    assert shop.call(uuid).rows == 2
    assert run(postgres, "SELECT to_regclass('dbt.orders')") == [(None,)]


def test_nothing_of_a_call_stays_behind(shop: Project, postgres: Database, tmp_path: Any) -> None:
    uuid = dbt(shop, postgres, "demo/models/orders.sql", MODEL)
    before = set(shop.root.rglob("*"))
    shop.call(uuid)
    assert set(shop.root.rglob("*")) == before


def test_bigquery_as_the_functions_own_identity(in_google: Project, dataset: str) -> None:
    """A profile whose key file stayed at home, on the local cloud."""
    in_google.file("dbt/demo/dbt_project.yml", "name: demo\nversion: 1.0.0\nprofile: demo\n")
    in_google.file(
        "dbt/demo/profiles.yml",
        f"""
        demo:
          outputs:
            default: {{type: bigquery, method: service-account, keyfile: /home/src/key.json,
                       project: {PROJECT}, dataset: {dataset}, threads: 1}}
        """,
    )
    in_google.block("load", LOAD)
    in_google.call("load")
    text = MODEL.replace("id > 1", "id > 2")
    path = in_google.file("dbt/demo/models/orders.sql", text)
    spec = in_google.block(
        "orders", text, kind="dbt", language="sql", upstream=("load",), dbt=FACTS
    )
    in_google.specs["orders"] = replace(spec, path=str(path.relative_to(in_google.root)))
    assert in_google.call("orders").rows == 1
    assert in_google.received("orders")["id"].tolist() == [3]
