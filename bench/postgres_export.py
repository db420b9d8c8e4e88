"""A million rows by nineteen columns into Postgres: mage_ai's export beside the usual ways.

Beside bare ADBC (the fastest) and pandas.to_sql over it. COPY of a CSV text and, where it is
installed, pandas.to_sql over SQLAlchemy are so slow that they get a tenth of the rows, once, and
are scaled up. Each into a new table, in turn; peak memory is what each adds in a process of its
own. Aims: within 1.2 times of the fastest, and at most twice the frame's size in memory.
"""

from __future__ import annotations

import asyncio
import ctypes
import io
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.measure import each, show, timed
from emulator.postgres.server import Server

ROWS = 1_000_000
ROUNDS = 3
SAMPLE = 10
"""The slow ways get one row in so many."""


def frame(rows: int = ROWS) -> Any:
    """Made with a fixed seed: 8 price, 5 integer, 2 time, 3 text and 1 boolean columns."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(7)
    columns: dict[str, Any] = {f"float_{n}": rng.integers(0, 5000, rows) / 100 for n in range(8)}
    columns |= {f"int_{n}": rng.integers(0, 10 ** (n + 2), rows) for n in range(5)}
    start = pd.Timestamp("2024-01-01")
    seconds = rng.integers(0, 86400 * 90, rows)
    columns |= {f"time_{n}": start + pd.to_timedelta(seconds + n, unit="s") for n in range(2)}
    words = np.array(["cash", "card", "dispute", "no charge"])
    columns |= {f"text_{n}": words[rng.integers(0, 4, rows)] for n in range(3)}
    columns["flag"] = rng.random(rows) < 0.5
    return pd.DataFrame(columns)


@contextmanager
def server() -> Iterator[dict[str, Any]]:
    """The embedded Postgres, on a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="blocklift-bench-") as folder, asyncio.Runner() as loop:
        postgres = Server(Path(folder, "postgres"))
        reached = loop.run(postgres.start())
        try:
            yield {
                "host": reached.host, "port": reached.port, "dbname": reached.dbname,
                "user": reached.user, "password": reached.password,
            }  # fmt: skip
        finally:
            loop.run(postgres.stop())


def by_runtime(data: Any, to: dict[str, Any]) -> None:
    from runtime.mage_ai.io.postgres import Postgres

    with Postgres(**to, schema="bench", verbose=False) as loader:
        loader.export(data, "bench", "runtime", drop_table_on_replace=True)


def by_adbc(data: Any, to: dict[str, Any]) -> None:
    import adbc_driver_postgresql.dbapi as adbc
    import pyarrow as pa

    with adbc.connect(url(to)) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS adbc")
        cursor.adbc_ingest("adbc", pa.Table.from_pandas(data, preserve_index=False))
        connection.commit()


def by_csv(data: Any, to: dict[str, Any]) -> None:
    """As Mage does: the frame as one text, copied."""
    import psycopg

    columns = ", ".join(f"{c} {TYPES[c.partition('_')[0]]}" for c in data.columns)
    text = io.StringIO()
    data.to_csv(text, index=False, header=False)
    with psycopg.connect(**to) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS csv; CREATE TABLE csv ({columns})")
        with cursor.copy("COPY csv FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getvalue())


def by_to_sql(data: Any, to: dict[str, Any]) -> None:
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(url(to)) as connection:
        data.to_sql("pandas", connection, if_exists="replace", index=False)
        connection.commit()


def by_sqlalchemy(data: Any, to: dict[str, Any]) -> None:
    import sqlalchemy  # type: ignore[import-not-found]  # not among our requirements

    engine = sqlalchemy.create_engine(url(to).replace("postgresql:", "postgresql+psycopg:"))
    data.to_sql("alchemy", engine, if_exists="replace", index=False)


TYPES = {
    "float": "double precision", "int": "bigint", "time": "timestamp", "text": "text",
    "flag": "boolean",
}  # fmt: skip
OURS, BARE = "mage_ai.io.postgres", "bare ADBC"
WAYS: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    OURS: by_runtime,
    BARE: by_adbc,
    "pandas.to_sql over ADBC": by_to_sql,
}
SLOW: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "COPY of a CSV text": by_csv,
    "pandas.to_sql over SQLAlchemy": by_sqlalchemy,
}


def url(to: dict[str, Any]) -> str:
    from urllib.parse import quote

    password = quote(to["password"], safe="")
    return f"postgresql://{to['user']}:{password}@{to['host']}:{to['port']}/{to['dbname']}"


def main() -> None:
    data = frame()
    size = int(data.memory_usage(index=True, deep=False).sum())
    print(f"  {ROWS:,} rows × {data.shape[1]} columns, {size / 1e6:.0f} MB in memory")
    with server() as to:
        calls = [partial(timed, partial(way, data, to)) for way in WAYS.values()]
        ours, *others = each(calls, ROUNDS)
        fastest = min(others)
        for name, seconds in zip(WAYS, [ours, *others], strict=True):
            aim = "aim: ≤ 1.2 × the fastest" if name == OURS else ""
            show(name, seconds, fastest, aim)
        _slow_ways(data, to, fastest)
        for name, aim in ((OURS, "aim: ≤ 2 ×"), (BARE, "")):
            peak = _peak(name, to)
            print(f"  memory that it adds, {name}: {peak / 1e6:.0f} MB, "
                  f"{peak / size:.2f} × the frame  {aim}".rstrip())  # fmt: skip


def _slow_ways(data: Any, to: dict[str, Any], fastest: float) -> None:
    """On a part of the rows, once, scaled up."""
    part = data.head(len(data) // SAMPLE)
    for name, way in SLOW.items():
        try:
            seconds = timed(partial(way, part, to)) * SAMPLE
        except ImportError as missing:
            print(f"  {name}: skipped, {missing.name} is not installed here")
            continue
        show(f"{name}, a {SAMPLE}th of the rows, scaled up", seconds, fastest)


def _peak(name: str, to: dict[str, Any]) -> int:
    """In a process of its own: the highest resident memory during the export, less before it."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return int(pool.apply(_added, (name, to)))


def _added(name: str, to: dict[str, Any]) -> int:
    import pyarrow as pa

    data = frame()
    WAYS[name](data.head(1000), to)
    ctypes.CDLL("libc.so.6").malloc_trim(0)  # what is free goes back, or it would hide a part
    pa.default_memory_pool().release_unused()
    Path("/proc/self/clear_refs").write_text("5")  # the highest so far is forgotten
    before = _status("VmRSS")
    WAYS[name](data, to)
    return _status("VmHWM") - before


def _status(name: str) -> int:
    """A line of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


if __name__ == "__main__":
    main()
