"""The values of a chart, computed on the stored output by Mage's rules (Mage: "Charts").

DuckDB reads only the columns that the chart names, and all of their rows. Missing values and
blank texts are left out before anything is counted, as Mage does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from studio.server.errors import StudioError
from studio.server.messages import ChartData, Series
from studio.server.views import plain

BUCKETS = 40
TABLE_ROWS = 10
MOST_GROUPS = 200
MOST_TIMES = 40
AGGREGATIONS: Mapping[str, str] = {
    "average": "avg({c})",
    "count": "count({c})",
    "count_distinct": "count(distinct {c})",
    "max": "max({c})",
    "median": "list_sort(list({c}))[count({c}) // 2 + 1]",
    "min": "min({c})",
    "mode": "mode({c})",
    "sum": "sum({c})",
}
"""Mage's median is the element in the middle of the sorted values, never a mean of two."""
SECONDS: Mapping[str, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
}
DRAWN = (
    "bar chart",
    "histogram",
    "line chart",
    "pie chart",
    "table",
    "time series bar chart",
    "time series line chart",
)


@dataclass(frozen=True, slots=True)
class Source:
    """A stored table: a DuckDB connection with the view `stored`, and what its columns hold."""

    database: Any
    types: Mapping[str, str]
    total: int

    @classmethod
    def of(cls, database: Any) -> Source:
        types = {str(row[0]): str(row[1]) for row in database.execute("describe stored").fetchall()}
        total = database.execute("select count(*) from stored").fetchone()[0]
        return cls(database, types, total)

    def column(self, name: Any) -> str:
        """Quoted; StudioError when the output has no such column."""
        if name not in self.types:
            known = ", ".join(self.types)
            raise StudioError(400, f"The output has no column {name!r}", f"It has {known}.")
        return '"' + str(name).replace('"', '""') + '"'

    def present(self, name: Any) -> str:
        """The column where it holds something, null elsewhere."""
        column, kind = self.column(name), self.types[name]
        if kind in {"FLOAT", "DOUBLE"}:
            return f"case when isnan({column}) then null else {column} end"
        return f"nullif({column}, '')" if kind == "VARCHAR" else column

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        import duckdb

        try:
            rows: list[tuple[Any, ...]] = self.database.execute(sql).fetchall()
        except duckdb.Error as error:
            raise StudioError(400, f"This chart cannot be computed: {error}") from None
        return rows


@dataclass(frozen=True, slots=True)
class Metric:
    """One aggregated column."""

    aggregation: str
    column: str

    @classmethod
    def all_of(cls, configuration: Mapping[str, Any]) -> list[Metric]:
        found = configuration.get("metrics") or []
        return [cls(str(item.get("aggregation")), str(item.get("column"))) for item in found]

    @property
    def name(self) -> str:
        return f"{self.aggregation}({self.column})"

    def sql(self, source: Source) -> str:
        if self.aggregation not in AGGREGATIONS:
            known = ", ".join(AGGREGATIONS)
            raise StudioError(400, f"{self.aggregation!r} is no aggregation", known)
        value = AGGREGATIONS[self.aggregation].format(c=f"({source.present(self.column)})")
        return f"coalesce(try_cast({value} as double), 0)"


def computed(database: Any, configuration: Mapping[str, Any]) -> ChartData:
    """A chart that is configured without code; `database` has the output as view `stored`."""
    source, kind = Source.of(database), str(configuration.get("chart_type"))
    groups = [str(name) for name in configuration.get("group_by") or []]
    if kind not in DRAWN:
        raise StudioError(400, f"{kind!r} is no chart without code", ", ".join(DRAWN))
    if not groups:
        raise StudioError(400, "This chart names no column yet", "Choose what it is drawn by.")
    if kind == "histogram":
        return histogram(source, groups[0], whole(configuration, "buckets", BUCKETS))
    if kind == "pie chart":
        return pie(source, groups[0], whole(configuration, "buckets", BUCKETS))
    if kind == "table":
        return table(source, groups, configuration)
    metrics = Metric.all_of(configuration) or [Metric("count", groups[0])]
    if kind.startswith("time series"):
        wanted = str(configuration.get("time_interval") or "original")
        return over_time(source, kind, groups[0], metrics, wanted)
    return grouped(source, kind, groups, metrics, configuration)


def whole(configuration: Mapping[str, Any], key: str, default: int) -> int:
    """A positive number that somebody may have typed."""
    text = str(configuration.get(key) or default)
    return max(1, min(int(text), 1000)) if text.isdigit() else default


def drawn(source: Source, kind: str, x: list[Any], series: list[Series], note: str) -> ChartData:
    return ChartData(kind, plain(x), series, [], [], source.total, source.total, note)


def histogram(source: Source, name: str, buckets: int) -> ChartData:
    """Equal widths from the least to the greatest."""
    values = f"select try_cast({source.present(name)} as double) as v from stored"  # noqa: S608  # quoted names
    low, high, count = source.ask(
        f"select min(v), max(v), count(v) from ({values}) where isfinite(v)"  # noqa: S608  # quoted names
    )[0]
    if not count:
        raise StudioError(400, f"{name} holds no numbers", "A histogram needs a numeric column.")
    width = (high - low) / buckets or 1.0
    place = f"least(floor((v - ({low})) / {width}), {buckets - 1})::int"
    heights = dict(
        source.ask(f"select {place}, count(*) from ({values}) where isfinite(v) group by 1")  # noqa: S608  # quoted names
    )
    edges = [low + number * width for number in range(buckets + 1)]
    bars = Series(name, [heights.get(number, 0) for number in range(buckets)])
    return drawn(source, "histogram", edges, [bars], left_out(source.total - count, "row"))


def pie(source: Source, name: str, slices: int) -> ChartData:
    """The most frequent values; Mage leaves out the rest, here that is said."""
    value = source.present(name)
    rows = source.ask(
        f"select {value} as v, count(*) from stored where v is not null"  # noqa: S608  # quoted names
        " group by 1 order by 2 desc, 1"
    )
    shown, rest = rows[:slices], rows[slices:]
    note = left_out(len(rest), "rarer value")
    counts = Series(name, [row[1] for row in shown])
    return drawn(source, "pie chart", [row[0] for row in shown], [counts], note)


def table(source: Source, groups: list[str], configuration: Mapping[str, Any]) -> ChartData:
    """The first rows of these columns, in the order asked for."""
    limit = whole(configuration, "limit", TABLE_ROWS)
    order = [source.column(name) for name in configuration.get("order_by") or []]
    way = "desc" if configuration.get("y_sort_order") == "descending" else "asc"
    by = " order by " + ", ".join(f"{column} {way}" for column in order) if order else ""
    columns = ", ".join(source.column(name) for name in groups)
    rows = source.ask(f"select {columns} from stored{by} limit {limit}")  # noqa: S608  # quoted names
    note = left_out(source.total - len(rows), "more row")
    data = [[plain(value) for value in row] for row in rows]
    return ChartData("table", list(groups), [], data, [], source.total, source.total, note)


def grouped(
    source: Source, kind: str, groups: list[str], metrics: list[Metric], wanted: Mapping[str, Any]
) -> ChartData:
    """Bars and lines: one value of each metric for each group."""
    keys = ", ".join(source.column(name) for name in groups)
    values = ", ".join(metric.sql(source) for metric in metrics)
    first = len(groups) + 1
    orders = {"ascending": f"{first} asc", "descending": f"{first} desc"}
    sorted_by = str(wanted.get("y_sort_order") or "") if kind == "bar chart" else ""
    order = orders.get(sorted_by, "all")
    rows = source.ask(f"select {keys}, {values} from stored group by all order by {order}")  # noqa: S608  # quoted names
    shown = rows[:MOST_GROUPS]
    labels = [label(row[: len(groups)]) for row in shown]
    series = [
        Series(metric.name, [row[len(groups) + number] for row in shown])
        for number, metric in enumerate(metrics)
    ]
    return drawn(source, kind, labels, series, left_out(len(rows) - len(shown), "more group"))


def label(key: tuple[Any, ...]) -> Any:
    return key[0] if len(key) == 1 else " · ".join(map(str, key))


def over_time(
    source: Source, kind: str, name: str, metrics: list[Metric], interval: str
) -> ChartData:
    """Buckets of equal length, each named by its end, at most about forty."""
    time = seconds_in(source, name)
    extent = f"select min({time}), max({time}), count({time}) from stored"  # noqa: S608  # quoted names
    low, high, count = source.ask(extent)[0]
    if not count:
        raise StudioError(400, f"{name} holds no times")
    wanted = SECONDS.get(interval) or first_gap(source, time)
    length = wanted * max(1, ceil((high - low) / wanted / MOST_TIMES))
    values = ", ".join(metric.sql(source) for metric in metrics)
    found = {
        int(row[0]): row[1:]
        for row in source.ask(
            f"select floor(({time} - {low}) / {length}) as bucket, {values}"  # noqa: S608  # quoted names
            f" from stored where {time} is not null group by 1"
        )
    }
    empty = (0.0,) * len(metrics)
    spans = range(max(found) + 1)
    series = [
        Series(metric.name, [found.get(span, empty)[number] for span in spans])
        for number, metric in enumerate(metrics)
    ]
    ends = [low + (span + 1) * length for span in spans]
    stretched = f"each bucket is {length / wanted:g} {interval}s" if length != wanted else ""
    return drawn(source, kind, ends, series, stretched if interval in SECONDS else "")


def seconds_in(source: Source, name: str) -> str:
    """A time column as Unix seconds: times, numbers that are seconds already, or text."""
    column, kind = source.column(name), source.types[name]
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"epoch({column})"
    if kind == "VARCHAR":
        return f"epoch(try_cast({column} as timestamp))"
    return f"try_cast({column} as double)"


def first_gap(source: Source, time: str) -> float:
    """`original`: the gap between the first two different times."""
    rows = source.ask(
        f"select distinct {time} as t from stored where {time} is not null order by 1 limit 2"  # noqa: S608  # quoted names
    )
    return float(rows[1][0] - rows[0][0]) if len(rows) == 2 else 1.0


def left_out(number: int, what: str) -> str:
    if number <= 0:
        return ""
    return f"{number:,} {what}{'' if number == 1 else 's'} not shown"
