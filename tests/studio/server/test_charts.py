"""Chart values against what Mage's rules give, counted by hand here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from studio.server.charts import computed
from studio.server.errors import StudioError

ROWS = """
select i as number, i % 3 as third, case when i % 4 = 0 then null else i / 2.0 end as fare,
       case i % 5 when 0 then '' when 1 then 'a' else 'b' end as name,
       timestamp '2024-01-01' + to_days(i::int) as day, 'x' || i as label
from range(100) as r(i)
"""


@pytest.fixture
def database() -> Iterator[Any]:
    with duckdb.connect() as connection:
        connection.execute(f"create view stored as {ROWS}")
        yield connection


def test_a_histogram_holds_every_number(database: Any) -> None:
    found = computed(database, {"chart_type": "histogram", "group_by": ["number"], "buckets": "10"})
    assert found.series[0].values == [10] * 10
    assert found.x[0] == 0
    assert found.x[-1] == pytest.approx(99)
    assert (found.total, found.read, found.note) == (100, 100, "")


def test_nulls_are_left_out_and_said(database: Any) -> None:
    found = computed(database, {"chart_type": "histogram", "group_by": ["fare"], "buckets": 5})
    assert sum(found.series[0].values) == 75
    assert found.note == "25 rows not shown"


def test_a_pie_shows_the_most_frequent_and_says_what_is_left_out(database: Any) -> None:
    found = computed(database, {"chart_type": "pie chart", "group_by": ["name"], "buckets": 1})
    assert (found.x, found.series[0].values) == (["b"], [60])
    assert found.note == "1 rarer value not shown"


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("sum", [1683.0, 1617.0, 1650.0]),
        ("count", [34.0, 33.0, 33.0]),
        ("count_distinct", [34.0, 33.0, 33.0]),
        ("min", [0.0, 1.0, 2.0]),
        ("max", [99.0, 97.0, 98.0]),
        ("average", [49.5, 49.0, 50.0]),
        ("median", [51.0, 49.0, 50.0]),
    ],
)
def test_bars_are_aggregated_as_mage_does(
    database: Any, aggregation: str, expected: list[float]
) -> None:
    metrics = [{"aggregation": aggregation, "column": "number"}]
    found = computed(
        database, {"chart_type": "bar chart", "group_by": ["third"], "metrics": metrics}
    )
    assert found.x == [0, 1, 2]
    assert found.series[0].values == expected
    assert found.series[0].name == f"{aggregation}(number)"


def test_bars_are_sorted_by_their_height_when_asked(database: Any) -> None:
    metrics = [{"aggregation": "sum", "column": "number"}]
    settings = {"chart_type": "bar chart", "group_by": ["third"], "metrics": metrics}
    found = computed(database, {**settings, "y_sort_order": "descending"})
    assert found.x == [0, 2, 1]


def test_many_groups_are_cut_and_said(database: Any) -> None:
    database.execute("create or replace view stored as select i as number from range(500) as r(i)")
    found = computed(database, {"chart_type": "line chart", "group_by": ["number"]})
    assert len(found.x) == 200
    assert found.note == "300 more groups not shown"


def test_times_fall_into_at_most_forty_buckets_named_by_their_end(database: Any) -> None:
    metrics = [{"aggregation": "count", "column": "label"}]
    found = computed(
        database,
        {
            "chart_type": "time series line chart",
            "group_by": ["day"],
            "metrics": metrics,
            "time_interval": "day",
        },
    )
    assert len(found.x) <= 40
    assert sum(found.series[0].values) == 100
    assert found.x[1] - found.x[0] == 3 * 86_400
    assert found.note == "each bucket is 3 days"


def test_a_table_is_ordered_and_limited(database: Any) -> None:
    found = computed(
        database,
        {
            "chart_type": "table",
            "group_by": ["number", "name"],
            "order_by": ["number"],
            "y_sort_order": "descending",
            "limit": 2,
        },
    )
    assert found.x == ["number", "name"]
    assert found.rows == [[99, "b"], [98, "b"]]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"chart_type": "histogram", "group_by": ["nope"]}, "no column 'nope'"),
        ({"chart_type": "histogram", "group_by": []}, "names no column"),
        ({"chart_type": "radar", "group_by": ["number"]}, "no chart without code"),
        ({"chart_type": "histogram", "group_by": ["label"]}, "holds no numbers"),
        (
            {
                "chart_type": "bar chart",
                "group_by": ["third"],
                "metrics": [{"aggregation": "x", "column": "number"}],
            },
            "no aggregation",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(database: Any, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(StudioError, match=said):
        computed(database, settings)


def test_a_column_name_is_no_sql(database: Any) -> None:
    evil = 'number" from stored; create table hacked as select 1; --'
    with pytest.raises(StudioError, match="no column"):
        computed(database, {"chart_type": "pie chart", "group_by": [evil]})
