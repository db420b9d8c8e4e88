"""Charts that are Python, run in their real process."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.server.coded import coded
from studio.server.errors import StudioError
from studio.server.messages import ChartData, ChartInfo

SUMMARY = """
from mage_ai.data_cleaner.column_types.column_type_detector import infer_column_types
print('printing does not break the answer')
headers = ['value']
stats = ['Columns', 'Rows', 'Types']
rows = [[len(df_1.columns)], [len(df_1.index)], [len(infer_column_types(df_1))]]
"""
DECORATED = """
@data_source
def rows(df):
    return df[df['number'] < 3]

@xy
def both(df):
    return df['number'], [df['number'] * 2, df['number'] * 3]

@columns
def names(df):
    return ['double', 'triple']
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    table = pa.table({"number": list(range(100)), "name": ["a", "b"] * 50})
    pq.write_table(table, tmp_path / "stored.parquet")
    return tmp_path / "stored.parquet"


def draw(file: Path, code: str, **configuration: object) -> ChartData:
    kind = str(configuration.get("chart_type", "bar chart"))
    chart = ChartInfo("c", "c", kind, "load", dict(configuration), code, "charts/c.py", "")
    return coded(chart, file, 100, file.parent)


def test_variables_named_by_the_configuration(file: Path) -> None:
    found = draw(file, SUMMARY, chart_type="table", x="headers", y="rows", index="stats")
    assert found.x == ["value"]
    assert found.index == ["Columns", "Rows", "Types"]
    assert found.rows == [[2], [100], [2]]


def test_marked_functions(file: Path) -> None:
    found = draw(file, DECORATED, chart_type="line chart")
    assert found.x == [0, 1, 2]
    assert [(line.name, line.values) for line in found.series] == [
        ("double", [0, 2, 4]),
        ("triple", [0, 3, 6]),
    ]


def test_a_histogram_and_a_pie_of_values_that_the_code_left(file: Path) -> None:
    bars = draw(file, "x = df_1['number']", chart_type="histogram", x="x", buckets=4)
    assert bars.series[0].values == [25, 25, 25, 25]
    pie = draw(file, "x = load['name']", chart_type="pie chart", x="x")
    assert dict(zip(pie.x, pie.series[0].values, strict=True)) == {"a": 50, "b": 50}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("y = 1\nx = df_1['nope']", r"KeyError: 'nope' \(charts/c.py:2\)"),
        ("def (", r"SyntaxError.*charts/c.py:1"),
        ("z = 1", "leaves no 'x'"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import os; os._exit(3)", "ended its process"),
    ],
)
def test_mistakes_are_told_with_their_line(file: Path, code: str, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        draw(file, code)
