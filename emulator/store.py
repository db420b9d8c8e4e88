"""What must survive: named JSON documents and append-only journals, in one SQLite file.

Write-ahead logging without fsync: what was acknowledged survives `kill -9` of the process
(the kernel has it); a power cut may lose the last moments.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

SCHEMA = """
create table if not exists document (
    kind text not null, name text not null, value blob not null, primary key (kind, name)
) without rowid;
create table if not exists journal (
    stream text not null, position integer not null, record blob not null,
    primary key (stream, position)
) without rowid;
"""


class Store:
    """Documents by (kind, name), and journals by stream. Every call is one transaction."""

    def __init__(self, path: Path | None) -> None:
        """`path` None keeps everything in memory (ephemeral emulators, tests)."""
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            str(path or ":memory:"), check_same_thread=False, isolation_level=None
        )
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self._db.executescript(SCHEMA)
        self._ends: dict[str, int] = {}

    def get(self, kind: str, name: str) -> Any | None:
        with self._lock:
            row = self._db.execute(
                "select value from document where kind = ? and name = ?", (kind, name)
            ).fetchone()
        return orjson.loads(row[0]) if row else None

    def put(self, kind: str, name: str, value: Any) -> None:
        """Create or replace."""
        with self._lock:
            self._db.execute(
                "insert or replace into document values (?, ?, ?)",
                (kind, name, orjson.dumps(value)),
            )

    def create(self, kind: str, name: str, value: Any) -> bool:
        """False, and nothing written, when the name is taken."""
        with self._lock:
            cursor = self._db.execute(
                "insert or ignore into document values (?, ?, ?)", (kind, name, orjson.dumps(value))
            )
            return cursor.rowcount == 1

    def delete(self, kind: str, name: str) -> bool:
        """False when there was nothing."""
        with self._lock:
            cursor = self._db.execute(
                "delete from document where kind = ? and name = ?", (kind, name)
            )
            return cursor.rowcount == 1

    def list(self, kind: str, prefix: str = "") -> list[tuple[str, Any]]:
        """(name, value) of all whose name starts with `prefix`, by name."""
        with self._lock:
            rows = self._db.execute(
                "select name, value from document where kind = ? and name >= ? and name < ?"
                " order by name",
                (kind, prefix, prefix + "\U0010ffff"),
            ).fetchall()
        return [(name, orjson.loads(value)) for name, value in rows]

    def append(self, stream: str, record: bytes) -> int:
        """Add one record to a journal; returns its position, from 0."""
        with self._lock:
            position = self._end(stream)
            self._db.execute("insert into journal values (?, ?, ?)", (stream, position, record))
            self._ends[stream] = position + 1
        return position

    def _end(self, stream: str) -> int:
        if stream not in self._ends:
            row = self._db.execute(
                "select max(position) from journal where stream = ?", (stream,)
            ).fetchone()
            self._ends[stream] = 0 if row[0] is None else row[0] + 1
        return self._ends[stream]

    def read(self, stream: str) -> Iterator[bytes]:
        """Every record of a journal, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "select record from journal where stream = ? order by position", (stream,)
            ).fetchall()
        return (row[0] for row in rows)

    def drop(self, stream: str) -> None:
        with self._lock:
            self._db.execute("delete from journal where stream = ?", (stream,))
            self._ends.pop(stream, None)

    def close(self) -> None:
        with self._lock:
            self._db.close()
