"""CREATE, DROP and ALTER, one after the other."""

from __future__ import annotations

from emulator.bigquery import queries
from emulator.bigquery.context import Context
from emulator.bigquery.warehouse import Warehouse


def test_a_table_is_made_and_dropped(tmp_path):
    warehouse = Warehouse(tmp_path)

    def run(text):
        context = Context(text, "p", None, "EU", lambda _: [], lambda *_: None)
        return queries.run(warehouse, context, {}, False)[-1].operation

    told = [
        run(text)
        for text in (
            "CREATE SCHEMA d",
            "CREATE TABLE d.t (a INT64)",
            "CREATE OR REPLACE TABLE d.t AS SELECT 1 AS a",
            "DROP TABLE d.t",
            "DROP TABLE IF EXISTS d.t",
            "DROP SCHEMA d",
        )
    ]
    warehouse.close()
    assert told == ["CREATE", "CREATE", "REPLACE", "DROP", "SKIP", "DROP"]
