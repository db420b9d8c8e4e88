"""One DuckDB file, and whose turn it is to write.

What BigQuery knows about tables (`meta`) lies in the same file as their rows, so that a
killed emulator has both or neither.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from emulator.bigquery.dialect.macros import macros

META = "create table if not exists main.blocklift_meta(kind varchar, name varchar, value varchar)"


class Warehouse:
    """Opened by the first request that needs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opening = threading.Lock()
        self._writing = threading.RLock()
        self._db: Any = None

    @contextmanager
    def read(self) -> Iterator[Any]:
        """A cursor; what it sees may be written by others between statements."""
        cursor = self._cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A cursor in a transaction: all that is done with it is there at the end, or nothing."""
        with self.read() as cursor, self.turn(cursor):
            yield cursor

    @contextmanager
    def turn(self, cursor: Any) -> Iterator[None]:
        """One transaction of `cursor`, alone."""
        with self._writing:
            cursor.execute("begin transaction")
            try:
                yield
            except BaseException:
                cursor.execute("rollback")
                raise
            cursor.execute("commit")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes meanwhile."""
        with self._writing:
            yield

    def close(self) -> None:
        if self._db is not None:
            self._db.close()

    def _cursor(self) -> Any:
        with self._opening:
            if self._db is None:
                self._db = _opened(self.folder)
        cursor = self._db.cursor()
        cursor.execute("set TimeZone = 'UTC'")
        return cursor


def _opened(folder: Path) -> Any:
    import duckdb

    from emulator.bigquery.dialect.natives import register

    folder.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect(str(folder / "warehouse.duckdb"))
    db.execute("set TimeZone = 'UTC'")
    db.execute("set autoinstall_known_extensions = false")
    db.execute("set enable_progress_bar = false")
    db.execute(META)
    register(db)
    for macro in macros():
        db.execute(macro)
    return db


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
