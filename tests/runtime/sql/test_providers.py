"""The same SQL blocks on each database that there is a server for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.emulator.conftest import Emulator
from tests.runtime.mage_ai.io.trino_server import trino
from tests.runtime.project import Project
from tests.runtime.servers import Maria

LOAD = """
import pandas as pd
@data_loader
def load():
    return pd.DataFrame({'item': ['x', 'y', 'z'], 'n': [1, 2, 3]})
"""


@dataclass
class Shop:
    """A project on one database: blocks are called, and what downstream receives is looked at."""

    project: Project
    settings: dict[str, Any]
    prefix: str = ""
    """Of tables' names in raw texts."""

    def sql(
        self, text: str, uuid: str = "it", *, upstream: tuple[str, ...] = ("load",), **more: Any
    ) -> Any:
        self.project.block(uuid, text, kind="transformer", language="sql", upstream=upstream,
                           configuration=self.settings | more)  # fmt: skip
        self.project.call(uuid)
        outputs = self.project.context(uuid).artifacts
        (manifest,) = outputs.manifests([outputs.prefix(uuid)])
        assert manifest is not None
        found = outputs.outputs(manifest)
        return found[0] if found else None


@pytest.fixture(params=["mysql", "bigquery", "clickhouse", "duckdb", "trino"])
def shop(request: pytest.FixtureRequest, in_google: Project, tmp_path: Any) -> Iterator[Shop]:
    def wanted(name: str) -> Any:
        return request.getfixturevalue(name)

    flat, more = PLACES[request.param](wanted)
    lines = "".join(f"  {key}: {value}\n" for key, value in flat.items())
    in_google.file("io_config.yaml", f"default:\n{lines}")
    in_google.pipeline = f"orders{in_google.run.partition('-')[2]}"
    in_google.block("load", LOAD)
    in_google.call("load")
    schema = more.get("data_provider_schema")
    settings = {"data_provider": request.param, "data_provider_profile": "default"}
    yield Shop(in_google, settings | more, f"{schema}." if schema else "")


def _mysql(wanted: Callable[[str], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    server: Maria = wanted("mariadb")
    return server.flat(), {}


def _bigquery(wanted: Callable[[str], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    _: Emulator = wanted("google")
    return {"GOOGLE_LOCATION": "europe-west1"}, {"data_provider_schema": wanted("dataset")}


def _duckdb(wanted: Callable[[str], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"DUCKDB_DATABASE": f"{wanted('tmp_path')}/file.duckdb"}, {}


def _trino(wanted: Callable[[str], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    pytest.importorskip("trino", reason="Trino's client is not installed: pip install trino")
    port = wanted("trino_port")
    flat = {"TRINO_CATALOG": "lake", "TRINO_HOST": "127.0.0.1", "TRINO_PORT": port,
            "TRINO_SCHEMA": "s", "TRINO_USER": "me"}  # fmt: skip
    return flat, {}


def _clickhouse(wanted: Callable[[str], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return wanted("clickhouse_server"), {}


PLACES = {
    "mysql": _mysql, "bigquery": _bigquery, "clickhouse": _clickhouse, "duckdb": _duckdb,
    "trino": _trino,
}  # fmt: skip


@pytest.fixture
def trino_port() -> Iterator[int]:
    with trino() as port:
        yield port


def test_a_chain_of_blocks(shop: Shop) -> None:
    """A frame goes up; the next block works on the table of the one before."""
    first = shop.sql("SELECT item, n * 10 AS tens FROM {{ df_1 }} WHERE n > 1;", "first")
    assert sorted(zip(first["item"], first["tens"], strict=True)) == [("y", 20), ("z", 30)]
    second = shop.sql("SELECT sum(tens) AS total FROM {{ df_1 }}", "second", upstream=("first",))
    assert [int(n) for n in second["total"]] == [50]


def test_policies(shop: Shop) -> None:
    rows = []
    for policy in ("append", "append", "replace"):
        shop.project.run += "x"
        made = shop.sql("SELECT 1 AS n", upstream=(), export_write_policy=policy)
        rows.append(len(made))
    assert rows == [1, 2, 1]
    shop.project.run += "x"
    with pytest.raises(ValueError, match="already exists"):
        shop.sql("SELECT 1 AS n", upstream=(), export_write_policy="fail")


def test_raw_text(shop: Shop) -> None:
    table = f"{shop.prefix}raw_{shop.project.pipeline}"
    text = f"CREATE TABLE {table} AS SELECT n FROM {{{{ df_1 }}}}; INSERT INTO {table} VALUES (9)"
    made = shop.sql(text, "raw", use_raw_sql=True)
    assert sorted(int(n) for n in made["n"]) == [1, 2, 3, 9]
    read = shop.sql("SELECT max(n) AS n FROM {{ df_1 }}", "read", use_raw_sql=True)
    assert [int(n) for n in read["n"]] == [3]


def test_outputs_and_variables_in_the_text(shop: Shop) -> None:
    text = (
        "SELECT {{ block_output('load', parse=lambda data, _: data['n'].sum()) }} AS total, "
        "'{{ nothing }}' AS nothing"
    )
    made = shop.sql(text)
    assert (int(made["total"][0]), made["nothing"][0]) == (6, "")
