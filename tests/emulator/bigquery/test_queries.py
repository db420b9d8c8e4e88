"""GoogleSQL by statements with the rows that Google documents: `cases/*.sql`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.bigquery import queries
from emulator.bigquery.context import Context
from emulator.bigquery.errors import BigQueryError
from emulator.bigquery.rows import rows_json
from emulator.bigquery.warehouse import Warehouse

CASES = [
    tuple(line.split(" -- => "))
    for file in sorted((Path(__file__).parent / "cases").glob("*.sql"))
    for line in file.read_text().splitlines()
    if " -- => " in line and not line.startswith("--")
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("bigquery"))
    yield made
    made.close()


def plain(value):
    if isinstance(value, dict):
        return [plain(cell["v"]) for cell in value["f"]]
    return [plain(item["v"]) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("query", "told"), CASES)
def test_statement(warehouse, query, told):
    context = Context(query, "p", None, "EU", lambda _: [], lambda *_: None)
    if told.startswith("refuses: "):
        with pytest.raises(BigQueryError, match=told.removeprefix("refuses: ")):
            queries.run(warehouse, context, {}, False)
        return
    (made,) = queries.run(warehouse, context, {}, False)
    assert [plain(row) for row in rows_json(made.rows, made.schema, True)] == json.loads(told)
