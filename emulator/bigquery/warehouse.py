"""One DuckDB file, and whose turn it is to write.

What BigQuery knows about tables (`meta`) lies in the same file as their rows, so that a
killed emulator has both or neither. So does, for each job that writes, that it was done.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from emulator.bigquery import leash
from emulator.bigquery.opening import opened

PATIENCE = 0.05
"""Seconds after which who waits for its turn looks whether it was stopped."""


class Warehouse:
    """Opened by the first request that needs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opening = threading.Lock()
        self._writing = threading.RLock()
        self._db: Any = None
        self._closed = False
        self._leashes: set[leash.Leash] = set()

    @contextmanager
    def read(self) -> Iterator[Any]:
        """A cursor; what it sees may be written by others between statements."""
        mine, cursor = leash.current(), self._cursor()
        self._leashes.add(mine)
        try:
            with mine.on(cursor):
                yield cursor
        except Exception:
            mine.check()
            raise
        finally:
            self._leashes.discard(mine)
            cursor.close()

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A cursor in a transaction: all that is done with it is there at the end, or nothing."""
        with self.read() as cursor, self.turn(cursor):
            yield cursor

    @contextmanager
    def turn(self, cursor: Any) -> Iterator[None]:
        """One transaction of `cursor`, alone."""
        with self.alone():
            cursor.execute("begin transaction")
            try:
                yield
            except BaseException:
                _rolled_back(cursor)
                raise
            leash.current().check()
            cursor.execute("commit")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes meanwhile."""
        while not self._writing.acquire(timeout=PATIENCE):
            leash.current().check()
        try:
            yield
        finally:
            self._writing.release()

    def stop(self) -> None:
        """Nothing is begun any more, and what runs is interrupted."""
        self._closed = True
        for one in list(self._leashes):
            one.pull(leash.stopped("The emulator was stopped."))

    def close(self) -> None:
        with self._opening:
            if self._db is not None:
                self._db.close()
            self._db, self._closed = None, True

    def _cursor(self) -> Any:
        with self._opening:
            if self._closed:
                raise leash.stopped("The emulator was stopped.")
            if self._db is None:
                self._db = opened(self.folder)
            cursor = self._db.cursor()
        cursor.execute("set TimeZone = 'UTC'")
        return cursor

    # -- jobs that have written -----------------------------------------------------------------

    def committed(self) -> dict[str, dict[str, Any]]:
        """By job: what was told of those whose transaction is here, since `forget`."""
        with self.read() as cursor:
            rows = cursor.execute("select name, value from main.blocklift_jobs").fetchall()
        return {name: orjson.loads(value) for name, value in rows}

    def forget(self, jobs: list[str]) -> None:
        with self.write() as cursor:
            cursor.execute(
                "delete from main.blocklift_jobs where list_contains(?::varchar[], name)", [jobs]
            )


def note(cursor: Any, told: dict[str, Any]) -> None:
    """In the transaction of a job: that it was done, with its statistics."""
    if job := leash.current().job:
        cursor.execute(
            "insert into main.blocklift_jobs values (?, ?)", [job, orjson.dumps(told).decode()]
        )


def _rolled_back(cursor: Any) -> None:
    """Where the transaction has not ended by itself, as an interrupted one may have."""
    import duckdb

    try:
        cursor.execute("rollback")
    except duckdb.Error:
        return


# -- what is known about what is there ----------------------------------------------------------


def get_meta(cursor: Any, kind: str, name: str) -> dict[str, Any] | None:
    row = cursor.execute(
        "select value from main.blocklift_meta where kind = ? and name = ?", [kind, name]
    ).fetchall()
    return orjson.loads(row[0][0]) if row else None


def put_meta(cursor: Any, kind: str, name: str, value: dict[str, Any]) -> None:
    drop_meta(cursor, kind, name)
    text = orjson.dumps(value).decode()
    cursor.execute("insert into main.blocklift_meta values (?, ?, ?)", [kind, name, text])


def drop_meta(cursor: Any, kind: str, name: str) -> None:
    cursor.execute("delete from main.blocklift_meta where kind = ? and name = ?", [kind, name])


def list_meta(cursor: Any, kind: str, prefix: str) -> list[dict[str, Any]]:
    rows = cursor.execute(
        "select value from main.blocklift_meta where kind = ? and starts_with(name, ?)"
        " order by name",
        [kind, prefix],
    ).fetchall()
    return [orjson.loads(row[0]) for row in rows]
