from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runtime.contract import ArtifactRef
from studio.server.errors import StudioError
from studio.server.tables import Tables

ROWS = 5_000


def stored() -> bytes:
    table = pa.table(
        {
            "number": pa.array(range(ROWS), pa.int64()),
            "fare": pa.array([None if i % 10 == 0 else i / 2 for i in range(ROWS)]),
            "day": pa.array([date(2020, 10, 1 + i % 30) for i in range(ROWS)]),
            'na"me': pa.array([f"v{i % 3}" for i in range(ROWS)]),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=700)
    return buffer.getvalue()


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    data = stored()
    read: Callable[[str], bytes | None] = {"runs/x/output_0.parquet": data}.get
    return Tables(read, tmp_path)


def ref(name: str = "runs/x/output_0.parquet") -> ArtifactRef:
    return ArtifactRef(f"gs://bucket/{name}", "parquet", 1, ROWS)


@pytest.mark.parametrize("offset", [0, 650, 700, 4_990])
def test_a_page_is_just_those_rows(tables: Tables, offset: int) -> None:
    page = tables.page(ref(), offset, 100)
    expected = list(range(offset, min(offset + 100, ROWS)))
    assert [row[0] for row in page.rows] == expected
    assert page.total == ROWS
    assert [column.name for column in page.columns] == ["number", "fare", "day", 'na"me']


def test_past_the_end_there_is_nothing(tables: Tables) -> None:
    assert tables.page(ref(), ROWS + 10, 10).rows == []


def test_dates_and_nulls_are_shown_as_such(tables: Tables) -> None:
    first = tables.page(ref(), 0, 1).rows[0]
    assert first == [0, None, "2020-10-01", "v0"]


def test_a_profile_counts_right(tables: Tables) -> None:
    number, fare, day, name = tables.profile(ref())
    assert (number.nulls, number.min, number.max) == (0, 0, ROWS - 1)
    assert sum(number.histogram) == ROWS
    assert number.mean == pytest.approx((ROWS - 1) / 2)
    assert fare.nulls == ROWS // 10
    assert (day.min, day.max) == ("2020-10-01", "2020-10-30")
    assert sorted(zip(name.edges, name.histogram, strict=True)) == [
        ("v0", 1667.0),
        ("v1", 1667.0),
        ("v2", 1666.0),
    ]


def test_an_output_that_is_gone_says_so(tables: Tables) -> None:
    with pytest.raises(StudioError, match="no longer stored"):
        tables.page(ref("runs/other.parquet"), 0, 10)
