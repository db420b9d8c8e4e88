"""What lies in the buckets: one row per generation, in a SQLite file of its own.

A row's `resource` is the JSON that clients get, without the links, which depend on the port.
Names compare as UTF-8 bytes, as Google lists them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from emulator.cloud import Json

SCHEMA = """
create table if not exists bucket (
    name text primary key, project text not null, resource blob not null
) without rowid;
create table if not exists live (
    bucket text not null, name text not null, generation integer not null,
    metageneration integer not null, resource blob not null, primary key (bucket, name)
) without rowid;
create table if not exists noncurrent (
    bucket text not null, name text not null, generation integer not null,
    metageneration integer not null, resource blob not null,
    primary key (bucket, name, generation)
) without rowid;
create table if not exists session (
    id text primary key, state blob not null
) without rowid;
create table if not exists notification (
    bucket text not null, id text not null, resource blob not null, primary key (bucket, id)
) without rowid;
create table if not exists part (
    session text not null, number integer not null, file text not null, size integer not null,
    tag text not null, moment text not null, primary key (session, number)
) without rowid;
"""
KNOWN = 4096
"""Objects whose live rows, or their absence, are remembered: each is asked for in turn by the
block that writes it and those that read it."""
_ALL_SESSIONS = "select id, state from session"
_COLUMNS = "bucket, name, generation, metageneration, resource"


@dataclass(frozen=True, slots=True)
class Row:
    """One generation of one object."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    resource: bytes

    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = orjson.loads(self.resource)
        return value


@dataclass(frozen=True, slots=True)
class Part:
    """One whole part of a multipart upload."""

    number: int
    file: str
    size: int
    tag: str
    moment: str


class Catalog:
    """Used from the event loop alone, so that a check and the write after it are one."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self._db.executescript(SCHEMA)
        self._known: dict[tuple[str, str], Row | None] = {}

    # -- buckets ----------------------------------------------------------------------------

    def buckets(self) -> Iterator[tuple[str, dict[str, Json]]]:
        """(project, resource), by name."""
        for project, resource in self._db.execute(
            "select project, resource from bucket order by name"
        ):
            yield project, orjson.loads(resource)

    def put_bucket(self, project: str, resource: dict[str, Json]) -> None:
        self._db.execute(
            "insert or replace into bucket values (?, ?, ?)",
            (resource["name"], project, orjson.dumps(resource)),
        )

    def drop_bucket(self, name: str) -> None:
        self._db.execute("delete from bucket where name = ?", (name,))
        self._db.execute("delete from notification where bucket = ?", (name,))

    def notifications(self, bucket: str) -> list[dict[str, Json]]:
        """Configurations, oldest first."""
        sql = "select resource from notification where bucket = ? order by length(id), id"
        return [orjson.loads(row[0]) for row in self._db.execute(sql, (bucket,))]

    def has_notifications(self) -> bool:
        return any(self._db.execute("select 1 from notification limit 1"))

    def put_notification(self, bucket: str, number: str, resource: dict[str, Json]) -> None:
        values = (bucket, number, orjson.dumps(resource))
        self._db.execute("insert or replace into notification values (?, ?, ?)", values)

    def drop_notification(self, bucket: str, number: str) -> None:
        self._db.execute("delete from notification where bucket = ? and id = ?", (bucket, number))

    def is_empty(self, bucket: str) -> bool:
        return not any(
            self._db.execute(f"select 1 from {t} where bucket = ? limit 1", (bucket,)).fetchone()  # noqa: S608 - names of our own tables and columns
            for t in ("live", "noncurrent")
        )

    # -- objects ----------------------------------------------------------------------------

    def live(self, bucket: str, name: str) -> Row | None:
        key = (bucket, name)
        if key not in self._known:
            self._know(key, self._read_live(bucket, name))
        return self._known[key]

    def _know(self, key: tuple[str, str], row: Row | None) -> None:
        """Nobody else writes to this file, so what was read or written stays true."""
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known[key] = row

    def _read_live(self, bucket: str, name: str) -> Row | None:
        found = self._db.execute(
            f"select {_COLUMNS} from live where bucket = ? and name = ?",  # noqa: S608 - names of our own tables and columns
            (bucket, name),
        ).fetchone()
        return Row(*found) if found else None

    def generation(self, bucket: str, name: str, generation: int) -> Row | None:
        live = self.live(bucket, name)
        if live and live.generation == generation:
            return live
        found = self._db.execute(
            f"select {_COLUMNS} from noncurrent where bucket = ? and name = ? and generation = ?",  # noqa: S608 - names of our own tables and columns
            (bucket, name, generation),
        ).fetchone()
        return Row(*found) if found else None

    def put(self, row: Row, retired: Row | None = None) -> None:
        """Make `row` the live one; keep `retired`, the one before, as noncurrent."""
        new = "insert or replace into live values (?, ?, ?, ?, ?)"
        self._known.pop((row.bucket, row.name), None)
        if retired is None:
            self._db.execute(new, _values(row))
        else:
            with self._transaction():
                self._db.execute(new, _values(row))
                self._keep(retired)
        self._know((row.bucket, row.name), row)

    def remove(self, row: Row, retired: Row | None = None) -> None:
        """Take one generation away; keep `retired` as noncurrent."""
        key = (row.bucket, row.name, row.generation)
        self._known.pop(key[:2], None)
        with self._transaction():
            for table in ("live", "noncurrent"):
                self._db.execute(
                    f"delete from {table} where bucket = ? and name = ? and generation = ?",  # noqa: S608 - names of our own tables and columns
                    key,
                )
            if retired:
                self._keep(retired)

    def replace(self, row: Row) -> None:
        """New metadata of the same generation, wherever it is."""
        self._known.pop((row.bucket, row.name), None)
        self._db.execute(
            "update live set metageneration = ?, resource = ?"
            " where bucket = ? and name = ? and generation = ?",
            (row.metageneration, row.resource, row.bucket, row.name, row.generation),
        )
        self._db.execute(
            "update noncurrent set metageneration = ?, resource = ?"
            " where bucket = ? and name = ? and generation = ?",
            (row.metageneration, row.resource, row.bucket, row.name, row.generation),
        )

    def scan(self, bucket: str, start: str, end: str | None, limit: int) -> list[Row]:
        """Live rows with start <= name (< end), by name."""
        return self._scanned("live", bucket, start, end, limit)

    def scan_all(self, bucket: str, start: str, end: str | None, _limit: int) -> list[Row]:
        """The same with noncurrent generations, oldest first; all of them."""
        both = [
            row for t in ("live", "noncurrent") for row in self._scanned(t, bucket, start, end, -1)
        ]
        both.sort(key=lambda row: (row.name.encode(), row.generation))
        return both

    def generations(self, bucket: str) -> set[int]:
        """Of everything that is kept in a bucket."""
        sql = (
            "select generation from live where bucket = ?1"
            " union all select generation from noncurrent where bucket = ?1"
        )
        return {row[0] for row in self._db.execute(sql, (bucket,))}

    def newest(self) -> int:
        sql = "select max(generation) from live union all select max(generation) from noncurrent"
        return max(row[0] or 0 for row in self._db.execute(sql))

    # -- resumable uploads ------------------------------------------------------------------

    def put_session(self, key: str, state: dict[str, Json]) -> None:
        self._db.execute("insert or replace into session values (?, ?)", (key, orjson.dumps(state)))

    def session(self, key: str) -> dict[str, Json] | None:
        found = self._db.execute("select state from session where id = ?", (key,)).fetchone()
        return orjson.loads(found[0]) if found else None

    def drop_session(self, key: str) -> list[Part]:
        """The parts that it had, whose files nobody needs any more."""
        parts = self.parts(key)
        with self._transaction():
            self._db.execute("delete from session where id = ?", (key,))
            self._db.execute("delete from part where session = ?", (key,))
        return parts

    def sessions(self) -> set[str]:
        return {row[0] for row in self._db.execute("select id from session")}

    def uploads(self, bucket: str) -> list[tuple[str, str, str]]:
        """(key, object, begun) of multipart uploads under way, by object."""
        states = ((key, orjson.loads(state)) for key, state in self._db.execute(_ALL_SESSIONS))
        found = [
            (key, state["multipart"][1], state["begun"])
            for key, state in states
            if state.get("multipart", [""])[0] == bucket
        ]
        return sorted(found, key=lambda upload: (upload[1].encode(), upload[2]))

    def put_part(self, session: str, part: Part) -> None:
        values = (session, part.number, part.file, part.size, part.tag, part.moment)
        self._db.execute("insert or replace into part values (?, ?, ?, ?, ?, ?)", values)

    def part(self, session: str, number: int) -> Part | None:
        return next((part for part in self.parts(session) if part.number == number), None)

    def parts(self, session: str) -> list[Part]:
        sql = "select number, file, size, tag, moment from part where session = ? order by number"
        return [Part(*row) for row in self._db.execute(sql, (session,))]

    def close(self) -> None:
        self._db.close()

    # -- inside -----------------------------------------------------------------------------

    def _scanned(
        self, table: str, bucket: str, start: str, end: str | None, limit: int
    ) -> list[Row]:
        upper = " and name < ?" if end is not None else ""
        values = (bucket, start, end, limit) if end is not None else (bucket, start, limit)
        sql = f"select {_COLUMNS} from {table} where bucket = ? and name >= ?{upper}"  # noqa: S608 - names of our own tables and columns
        return [Row(*r) for r in self._db.execute(f"{sql} order by name limit ?", values)]

    def _keep(self, row: Row) -> None:
        self._db.execute("insert or replace into noncurrent values (?, ?, ?, ?, ?)", _values(row))

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


class _Transaction:
    """begin … commit, or rollback."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("commit" if kind is None else "rollback")


def _values(row: Row) -> tuple[Any, ...]:
    return (row.bucket, row.name, row.generation, row.metageneration, row.resource)
