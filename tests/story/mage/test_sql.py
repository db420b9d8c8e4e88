"""Chains of SQL blocks: what stays in the warehouse, and text that goes into other text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.story.mage.making import Folder, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

NAME = "warehouse"
IO_CONFIG = """
default:
  POSTGRES_DBNAME: "{{ env_var('POSTGRES_DBNAME') }}"
  POSTGRES_SCHEMA: public
  POSTGRES_USER: "{{ env_var('POSTGRES_USER') }}"
  POSTGRES_PASSWORD: "{{ env_var('POSTGRES_PASSWORD') }}"
  POSTGRES_HOST: "{{ env_var('POSTGRES_HOST') }}"
  POSTGRES_PORT: "{{ env_var('POSTGRES_PORT') }}"
"""
ON_POSTGRES = {"data_provider": "postgres", "data_provider_profile": "default"}
PLAIN = {**ON_POSTGRES, "export_write_policy": "replace"}
RAW = {**ON_POSTGRES, "use_raw_sql": True}
ORDERS = """
import pandas as pd

@data_loader
def orders(*args, **kwargs):
    return pd.DataFrame({'item': ['tea', 'milk', 'tea'], 'price': [3, 1, 4]})
"""


@pytest.fixture(scope="module")
def warehouse(world: World, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    project = Folder(tmp_path_factory.mktemp("projects") / NAME)
    project.file("metadata.yaml", "project_type: standalone\n")
    project.file("io_config.yaml", IO_CONFIG)

    def sql(uuid: str, text: str, *above: str, **configuration: object) -> object:
        settings = configuration or PLAIN
        return project.block(
            uuid, "transformer", text, *above, language="sql", configuration=settings
        )

    project.pipeline(
        "wh_chain",
        project.block("orders", "data_loader", ORDERS),
        sql("totals", "SELECT item, sum(price) AS total FROM {{ df_1 }} GROUP BY 1", "orders"),
        sql("dear", "SELECT * FROM {{ df_1 }} WHERE total > {{ least }}", "totals"),
        project.block("told", "custom", "return args[0].to_dict('records')", "dear"),
        variables={"least": 2},
    )
    project.pipeline(
        "wh_inlined",
        project.block("orders", "data_loader"),
        sql("teas", "SELECT price FROM {{ df_1 }} WHERE item = 'tea'", "orders", **RAW),
        sql("sum", "SELECT sum(price)::int AS price FROM {{ df_1 }}", "teas"),
        project.block("told", "custom", "", "sum"),
    )
    world.blocklift("deploy", project.root)
    return project


def test_a_chain_on_one_database_is_not_fetched_between_its_blocks(
    world: World, warehouse: Folder
) -> None:
    run = succeeded(world, NAME, "wh_chain")
    assert run.outputs("totals") == []
    assert run.output("told") == {"item": "tea", "total": 7}
    assert world.sql("SELECT * FROM public.wh_chain_totals_v1 ORDER BY item") == [
        ("milk", 1),
        ("tea", 7),
    ]


def test_a_raw_select_goes_into_the_query_below_it(world: World, warehouse: Folder) -> None:
    assert succeeded(world, NAME, "wh_inlined").output("told") == {"price": 7}
    tables = world.sql("SELECT tablename FROM pg_tables WHERE tablename LIKE 'wh_inlined%'")
    assert sorted(tables) == [("wh_inlined_orders_v1",), ("wh_inlined_sum_v1",)]
