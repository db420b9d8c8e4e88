"""Table outputs by the page, and their profiles, without loading whole tables into the browser.

A page reads only the row groups that hold it. DuckDB reads the Parquet file where the session
keeps a copy; copies are named by the artifact, which never changes once written.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from runtime.contract import ArtifactRef
from studio.server.errors import StudioError
from studio.server.messages import Column, ColumnProfile, Page
from studio.server.runs import object_name
from studio.server.views import plain

PAGE_LIMIT = 1000
BUCKETS = 20
COPIES = 16
"""Artifacts kept on disk at most; the oldest goes first."""


class Tables:
    """Reads stored tables of one bucket."""

    def __init__(self, read: Any) -> None:
        """`read` gives the bytes of an object's name, or None."""
        self._read = read
        self._folder = tempfile.TemporaryDirectory(prefix="blocklift-studio-")

    def file(self, ref: ArtifactRef) -> Path:
        folder = Path(self._folder.name)
        place = folder / (hashlib.sha256(ref.uri.encode()).hexdigest()[:24] + ".parquet")
        if not place.exists():
            data = self._read(object_name(ref))
            if data is None:
                raise StudioError(404, "This output is no longer stored", "Run the block again.")
            fresh = place.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(place)
            self._forget(folder)
        return place

    def _forget(self, folder: Path) -> None:
        kept = sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-COPIES]:
            old.unlink(missing_ok=True)

    def page(self, ref: ArtifactRef, offset: int, limit: int) -> Page:
        import pyarrow.parquet as pq

        limit = max(1, min(limit, PAGE_LIMIT))
        file = pq.ParquetFile(self.file(ref))
        rows = window(file, max(0, offset), limit)
        columns = [Column(field.name, str(field.type)) for field in file.schema_arrow]
        return Page(columns, rows, offset, file.metadata.num_rows)

    def profile(self, ref: ArtifactRef) -> list[ColumnProfile]:
        import duckdb

        with duckdb.connect() as database:
            database.execute("set TimeZone = 'UTC'")
            source = database.read_parquet(str(self.file(ref)))
            return [
                profile_of(source, c, str(t))
                for c, t in zip(source.columns, source.types, strict=True)
            ]


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


def profile_of(source: Any, name: str, kind: str) -> ColumnProfile:
    column = '"' + name.replace('"', '""') + '"'
    nulls, distinct, low, high = facts(source, column)
    mean, histogram, edges = shape(source, column, low, high)
    return ColumnProfile(
        name, kind, nulls, distinct, plain(low), plain(high), mean, histogram, edges
    )


def facts(source: Any, column: str) -> tuple[int, int, Any, Any]:
    select = (
        f"count(*) - count({column}), approx_count_distinct({column}), min({column}), max({column})"
    )
    row = source.aggregate(select).fetchone()
    return int(row[0]), int(row[1]), row[2], row[3]


def shape(
    source: Any, column: str, low: Any, high: Any
) -> tuple[float | None, list[float], list[Any]]:
    """Mean and histogram of numbers; the most frequent values of anything else."""
    if isinstance(low, int | float) and not isinstance(low, bool) and low is not None:
        return numbers(source, column, float(low), float(high))
    rows = (
        source.filter(f"{column} is not null")
        .aggregate(f"{column}, count(*) as n", column)
        .order("n desc")
        .limit(BUCKETS)
        .fetchall()
    )
    return None, [float(row[1]) for row in rows], [plain(row[0]) for row in rows]


def numbers(
    source: Any, column: str, low: float, high: float
) -> tuple[float | None, list[float], list[Any]]:
    width = (high - low) / BUCKETS or 1.0
    bucket = f"least(floor(({column} - ({low})) / {width}), {BUCKETS - 1})"
    known = source.filter(f"{column} is not null and {column} between {low} and {high}")
    rows = dict(known.aggregate(f"{bucket} as b, count(*) as n", bucket).fetchall())
    mean = known.aggregate(f"avg({column})").fetchone()[0]
    counts = [float(rows.get(float(i), 0)) for i in range(BUCKETS)]
    return mean, counts, [low + i * width for i in range(BUCKETS)]
