"""GoogleSQL by statements with the rows that Google documents: `cases/*.sql`.

A line is one case: a statement or a script, and after ` -- => ` the rows of the last that has any,
as the wire gives them, or `refuses: ` and what the message must match.
"""

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
    pytest.param(*line.split(" -- => "), id=f"{file.stem}-{number}")
    for file in sorted((Path(__file__).parent / "cases").glob("*.sql"))
    for number, line in enumerate(file.read_text().splitlines(), 1)
    if " -- => " in line and not line.startswith("--")
]
SETUP = """
CREATE SCHEMA d;
CREATE TABLE d.sales AS
  SELECT 'Kale' AS product, 51 AS sales, 'Q1' AS quarter
  UNION ALL SELECT 'Kale', 23, 'Q2' UNION ALL SELECT 'Apple', 77, 'Q1';
CREATE TABLE d.part_2023 AS SELECT 23 AS v;
CREATE TABLE d.part_2024 AS SELECT 24 AS v;
CREATE TABLE d.parted (day DATE, v INT64) PARTITION BY day;
INSERT INTO d.parted VALUES (DATE '2024-01-01', 1), (DATE '2024-01-02', 2), (DATE '2024-01-02', 3);
CREATE TABLE d.tx (a INT64);
"""


def run(warehouse, text):
    context = Context(text, "p", None, "EU", lambda _: [], lambda *_: None)
    return queries.run(warehouse, context, {}, False)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("bigquery"))
    run(made, SETUP)
    yield made
    made.close()


def plain(value):
    if isinstance(value, dict):
        return [plain(cell["v"]) for cell in value["f"]]
    return [plain(item["v"]) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("query", "told"), CASES)
def test_statement(warehouse, query, told):
    if told.startswith("refuses: "):
        with pytest.raises(BigQueryError, match=told.removeprefix("refuses: ")):
            run(warehouse, query)
        return
    made = next(one for one in reversed(run(warehouse, query)) if one.schema is not None)
    assert [plain(row) for row in rows_json(made.rows, made.schema, True)] == json.loads(told)


def test_there_are_cases_for_every_family():
    assert len(CASES) >= 320
