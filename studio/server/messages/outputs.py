"""What blocks returned: tables, profiles, tests and charts."""

from __future__ import annotations

from dataclasses import dataclass

from studio.server.messages.shared import Json


@dataclass(frozen=True, slots=True)
class TestInfo:
    name: str
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class OutputInfo:
    """One output of a block in a run."""

    number: int
    format: str
    rows: int | None
    bytes: int
    preview: Json
    """Not a table: the value itself when small, else its text."""


@dataclass(frozen=True, slots=True)
class Page:
    """A window of a table output."""

    columns: list[Column]
    rows: list[list[Json]]
    offset: int
    total: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column holds, computed on the stored artifact."""

    name: str
    type: str
    nulls: int
    distinct: int
    min: Json
    max: Json
    mean: float | None
    histogram: list[float]
    edges: list[Json]


@dataclass(frozen=True, slots=True)
class ChartInfo:
    """One of Mage's widgets: an entry of the pipeline's `widgets` and its charts/<id>.py."""

    id: str
    name: str
    kind: str
    """Mage's chart_type: bar chart, histogram, line chart, pie chart, table, time series …"""
    block: str
    """Whose output is drawn; "" when it has no data source."""
    configuration: dict[str, Json]
    code: str
    """Python that leaves the chart's values; "" when the configuration says all."""
    path: str
    version: str


@dataclass(frozen=True, slots=True)
class ChartChange:
    """What a chart shall be; None leaves as it is."""

    name: str | None = None
    block: str | None = None
    configuration: dict[str, Json] | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: list[Json]


@dataclass(frozen=True, slots=True)
class ChartData:
    """A chart's values, computed on the stored output."""

    kind: str
    x: list[Json]
    """Labels, edges (histogram: one more than bars), Unix seconds (time series) or headers."""
    series: list[Series]
    rows: list[list[Json]]
    """Tables only."""
    index: list[Json]
    """Tables only: a name beside each row, or none."""
    total: int
    """Rows of the stored output."""
    read: int
    """Rows that were looked at: fewer than `total` when only a part was."""
    note: str
    """What is not shown, in words."""
