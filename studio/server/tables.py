"""Table outputs by the page, and their profiles, without loading whole tables into the browser.

A page reads only the row groups that hold it. DuckDB reads the Parquet file where the session
keeps a copy; copies are named by the artifact, which never changes once written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any

from runtime.contract import ArtifactRef
from studio.server.charts import computed
from studio.server.coded import coded
from studio.server.errors import StudioError
from studio.server.messages import ChartData, ChartInfo, Column, ColumnProfile, Page
from studio.server.runs import object_name
from studio.server.views import plain

PAGE_LIMIT = 1000
BUCKETS = 20
COPIES = 16
"""Artifacts kept on disk at most; the oldest goes first."""


class Tables:
    """Reads stored tables of one bucket."""

    def __init__(self, read: Callable[[str], bytes | None], folder: Path) -> None:
        """`read` gives the bytes of an object's name; copies are kept in `folder`."""
        self._read = read
        self._folder = folder

    def file(self, ref: ArtifactRef) -> Path:
        place = self._folder / (hashlib.sha256(ref.uri.encode()).hexdigest()[:24] + ".parquet")
        if not place.exists():
            data = self._read(object_name(ref))
            if data is None:
                raise StudioError(404, "This output is no longer stored", "Run the block again.")
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = place.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(place)
            self._forget()
        return place

    def _forget(self) -> None:
        kept = sorted(self._folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-COPIES]:
            old.unlink(missing_ok=True)

    def page(self, ref: ArtifactRef, offset: int, limit: int) -> Page:
        import pyarrow.parquet as pq

        limit = max(1, min(limit, PAGE_LIMIT))
        with pq.ParquetFile(self.file(ref)) as file:
            rows = window(file, max(0, offset), limit)
            columns = [Column(field.name, str(field.type)) for field in file.schema_arrow]
            return Page(columns, rows, offset, file.metadata.num_rows)

    def columns(self, ref: ArtifactRef) -> list[Column]:
        import pyarrow.parquet as pq

        schema = pq.read_schema(self.file(ref))
        return [Column(field.name, str(field.type)) for field in schema]

    def profile(self, ref: ArtifactRef) -> list[ColumnProfile]:
        with self.opened(ref) as database:
            columns = database.execute("describe stored").fetchall()
            return [profile_of(database, str(row[0]), str(row[1])) for row in columns]

    def chart(self, ref: ArtifactRef, chart: ChartInfo, root: Path) -> ChartData:
        """By the chart's code when it has any, else by its configuration."""
        if chart.code.strip():
            return coded(chart, self.file(ref), ref.rows or 0, root)
        with self.opened(ref) as database:
            return computed(database, chart.configuration)

    @contextmanager
    def opened(self, ref: ArtifactRef) -> Iterator[Any]:
        """A DuckDB connection in which the output is the view `stored`."""
        import duckdb

        place = str(self.file(ref)).replace("'", "''")
        with duckdb.connect() as database:
            database.execute("set TimeZone = 'UTC'")
            database.execute(f"create view stored as from read_parquet('{place}')")
            yield database


def window(file: Any, offset: int, limit: int) -> list[list[Any]]:
    """`limit` rows from `offset`, reading no other row groups."""
    wanted, start = [], 0
    first = None
    for number in range(file.num_row_groups):
        count = file.metadata.row_group(number).num_rows
        if start + count > offset and start < offset + limit:
            wanted.append(number)
            first = start if first is None else first
        start += count
    if first is None:
        return []
    table = file.read_row_groups(wanted).slice(offset - first, limit)
    return [[plain(value) for value in row.values()] for row in table.to_pylist()]


def profile_of(database: Any, name: str, kind: str) -> ColumnProfile:
    column = '"' + name.replace('"', '""') + '"'
    nulls, distinct, low, high = database.execute(
        f"select count(*) - count({column}), approx_count_distinct({column}),"  # noqa: S608  # a quoted name
        f" min({column}), max({column}) from stored"  # a quoted name
    ).fetchone()
    shape = numbers if is_finite(low) and is_finite(high) else frequent
    mean, histogram, edges = shape(database, column, low, high)
    return ColumnProfile(
        name, kind, nulls, distinct, plain(low), plain(high), mean, histogram, edges
    )


def is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


Shape = tuple[float | None, list[float], list[Any]]
"""Mean, height of each bar, and where each bar stands."""


def frequent(database: Any, column: str, low: Any, high: Any) -> Shape:
    """The most frequent values."""
    rows = database.execute(
        f"select {column}, count(*) from stored where {column} is not null"  # noqa: S608  # a quoted name
        f" group by 1 order by 2 desc, 1 limit {BUCKETS}"  # a quoted name
    ).fetchall()
    return None, [float(row[1]) for row in rows], [plain(row[0]) for row in rows]


def numbers(database: Any, column: str, low: float, high: float) -> Shape:
    """Twenty bars of equal width from the least to the greatest."""
    width = (high - low) / BUCKETS or 1.0
    known = f"from stored where {column} between {low} and {high}"
    bar = f"least(floor(({column} - ({low})) / {width}), {BUCKETS - 1})::int"
    heights = dict(database.execute(f"select {bar}, count(*) {known} group by 1").fetchall())
    mean = database.execute(f"select avg({column}) {known}").fetchone()[0]
    counts = [float(heights.get(i, 0)) for i in range(BUCKETS)]
    return mean, counts, [low + i * width for i in range(BUCKETS)]
