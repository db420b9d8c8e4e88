"""Pages say of each value what `rows` says, however they are written."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from emulator.bigquery.pages import page_of, pieces_of
from emulator.bigquery.rows import rows_json

MOMENT = datetime(2024, 1, 2, 3, 4, 5, 600000, tzinfo=UTC)
FLOATS = [0.0, -0.0, 1.0, 1.5, -2e-4, 1e-5, 1e15, 1e22, 5e-324]
COLUMNS = [
    ("STRING", pa.array(["x", None, "", "é ☃", "123"])),
    ("STRING", pa.array(['say "a"', "back\\slash", "line\nend", None, "\x01\x7f"])),
    ("INTEGER", pa.array([1, -(2**63), 2**63 - 1, None, 0])),
    ("FLOAT", pa.array([1.0, None, -0.25, 1234567.875, 0.0])),
    ("FLOAT", pa.array(FLOATS)),
    ("FLOAT", pa.array([float("nan"), float("inf"), -float("inf"), None])),
    ("FLOAT", pa.array([None, None], pa.float64())),
    ("BOOLEAN", pa.array([True, False, None])),
    ("DATE", pa.array([date(1, 1, 1), None, date(9999, 12, 31)])),
    ("TIMESTAMP", pa.array([MOMENT, None], pa.timestamp("us", "UTC"))),
    ("DATETIME", pa.array([MOMENT.replace(tzinfo=None), None])),
    ("NUMERIC", pa.array([Decimal("1.500000000"), None, Decimal("1E-9")], pa.decimal128(38, 9))),
    ("BYTES", pa.array([b"\x00\xff", None])),
    ("JSON", pa.array(['{"a": [1, "b"]}', None])),
]


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(("kind", "column"), COLUMNS)
def test_each_value_is_as_rows_write_it(kind, column, exact):
    fields = [{"name": "a", "type": kind, "mode": "NULLABLE"}]
    table = pa.table({"a": column})
    page = page_of(pieces_of(table), fields, exact)
    assert json.loads(b"[" + page.text + b"]") == rows_json(table, fields, exact)


def test_nested_values_and_several_columns():
    inner = [{"name": "x", "type": "INTEGER", "mode": "NULLABLE"}]
    fields = [
        {"name": "n", "type": "INTEGER", "mode": "NULLABLE"},
        {"name": "xs", "type": "STRING", "mode": "REPEATED"},
        {"name": "r", "type": "RECORD", "mode": "NULLABLE", "fields": inner},
    ]
    table = pa.table({"n": [1, 2], "xs": [["p", '"'], None], "r": [{"x": 1}, None]})
    page = page_of(pieces_of(table), fields, True)
    assert json.loads(b"[" + page.text + b"]") == rows_json(table, fields, True)


def test_a_page_ends_where_it_is_full_and_holds_one_row_at_least():
    fields = [{"name": "a", "type": "INTEGER", "mode": "NULLABLE"}]
    table = pa.table({"a": list(range(20_000))})
    every = rows_json(table, fields, True)
    for largest in (1, 1_000, 300_000, 10_000_000):
        page = page_of(pieces_of(table.slice(7)), fields, True, largest)
        assert json.loads(b"[" + page.text + b"]") == every[7 : 7 + page.count]
        assert page.count == 1 or len(page.text) <= largest
    assert page.count == 19_993


def test_nothing_is_an_empty_page():
    fields = [{"name": "a", "type": "STRING", "mode": "NULLABLE"}]
    page = page_of(pieces_of(pa.table({"a": pa.array([], pa.string())})), fields, True)
    assert (page.text, page.count) == (b"", 0)
