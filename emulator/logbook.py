"""Where log entries are kept: in memory for a moment, then in SQLite, oldest dropped first.

Writers pay for one list append; a flush takes all of the last moments in one transaction, and
every read flushes first.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from emulator.clock import rfc3339
from emulator.cloud import Clock, Json
from emulator.filters import Comparison, Node, conjuncts, moment

FLUSH_AFTER = 0.05
MOST = 500_000
"""Entries kept; the oldest go when there are a fiftieth more."""
SCHEMA = """
create table if not exists entry (
    id integer primary key, time integer not null, log text not null, value blob not null
);
create index if not exists by_time on entry (time, id);
"""
Place = tuple[int, int]
"""(time in microseconds, id): where an entry stands in the order of time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for."""

    prefixes: tuple[str, ...]
    """Of log names: `projects/p/`."""
    filter: Node
    newest_first: bool = False
    after: Place | None = None


class LogBook:
    """The `Logs` of a cloud."""

    def __init__(self, path: Path, clock: Clock, project: str, most: int = MOST) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self._db.executescript(SCHEMA)
        self._clock = clock
        self._project = project
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, str, bytes]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._count: int = self._db.execute("select count(*) from entry").fetchone()[0]
        self._stamp = itertools.count()
        self._run = secrets.token_hex(4)
        self.written = asyncio.Event()
        """Set at each flush: who tails waits for it."""

    # -- writing ----------------------------------------------------------------------------

    def write(self, entry: Mapping[str, Json]) -> None:
        now = self._clock.now()
        whole = self._completed(entry, now)
        time = _micros(whole["timestamp"], now)
        with self._lock:
            self._waiting.append((time, whole["logName"], orjson.dumps(whole)))
        self._flush_soon()

    def _completed(self, entry: Mapping[str, Json], now: float) -> dict[str, Json]:
        received = rfc3339(now)
        whole = {k: v for k, v in entry.items() if v not in (None, {}, "")}
        whole.setdefault("logName", f"projects/{self._project}/logs/default")
        whole.setdefault("resource", {"type": "global", "labels": {"project_id": self._project}})
        whole.setdefault("timestamp", received)
        whole.setdefault("severity", "DEFAULT")
        whole.setdefault("insertId", f"{self._run}{next(self._stamp):08x}")
        whole["receiveTimestamp"] = received
        return whole

    def _flush_soon(self) -> None:
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # another thread writes: the next reader or writer flushes
            return
        self._timer = loop.call_later(FLUSH_AFTER, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self._db.execute("begin")
        self._db.executemany("insert into entry (time, log, value) values (?, ?, ?)", waiting)
        self._db.execute("commit")
        self._count += len(waiting)
        self._drop_oldest()
        self.written.set()
        self.written.clear()

    def _drop_oldest(self) -> None:
        if self._count <= self._most + self._most // 50:
            return
        self._db.execute(
            "delete from entry where id in (select id from entry order by time, id limit ?)",
            (self._count - self._most,),
        )
        self._count = self._most

    # -- reading ----------------------------------------------------------------------------

    def read(self, wanted: Wanted) -> Iterator[tuple[Place, dict[str, Any]]]:
        self.flush()
        needles = [needle for c in conjuncts(wanted.filter) if (needle := _needle(c))]
        for place, log, value in self._rows(wanted):
            if wanted.prefixes and not log.startswith(wanted.prefixes):
                continue
            low = value.lower()
            if all(needle in low for needle in needles):
                entry = orjson.loads(value)
                if wanted.filter(entry):
                    yield place, entry

    def _rows(self, wanted: Wanted) -> Iterator[tuple[Place, str, bytes]]:
        bounds, values = _time_bounds(wanted.filter)
        order = "desc" if wanted.newest_first else "asc"
        if wanted.after:
            bounds.append(f"(time, id) {'<' if wanted.newest_first else '>'} (?, ?)")
            values.extend(wanted.after)
        where = f"where {' and '.join(bounds)}" if bounds else ""
        sql = f"select time, id, log, value from entry {where}"  # noqa: S608 - our own conditions; values are bound
        rows = self._db.execute(f"{sql} order by time {order}, id {order}", values)
        for time, key, log, value in rows:
            yield (time, key), log, value

    def end(self) -> Place:
        """Beyond everything that was written so far."""
        self.flush()
        found = self._db.execute("select max(time), max(id) from entry").fetchone()
        return (found[0] or 0, found[1] or 0)

    def since(self, key: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """What was written after the entry of this id, whatever its time."""
        self.flush()
        sql = "select id, value from entry where id > ? order by id"
        for number, value in self._db.execute(sql, (key,)):
            yield number, orjson.loads(value)

    def logs(self, parent: str) -> list[str]:
        self.flush()
        rows = self._db.execute("select distinct log from entry order by log")
        return [log for (log,) in rows if log.startswith(f"{parent}/")]

    def delete_log(self, name: str) -> bool:
        self.flush()
        gone = self._db.execute("delete from entry where log = ?", (name,)).rowcount
        self._count -= gone
        return gone > 0

    def close(self) -> None:
        self.flush()
        self._db.close()


def _micros(timestamp: str, now: float) -> int:
    found = moment(timestamp)
    return int((found.timestamp() if found else now) * 1_000_000)


def _needle(comparison: Comparison) -> bytes | None:
    """Bytes that every entry holds which meets the comparison, or None."""
    text, op = comparison.value, comparison.op
    if op != "=" or comparison.path in (("timestamp",), ("severity",), ("receiveTimestamp",)):
        return None
    if not comparison.quoted or moment(text) or re.fullmatch(r"[\d.eE+-]*|true|false|null", text):
        return None
    return orjson.dumps(text)[1:-1].lower() if text.isascii() else None


def _time_bounds(node: Node) -> tuple[list[str], list[Any]]:
    bounds: list[str] = []
    values: list[Any] = []
    for comparison in conjuncts(node):
        asked = moment(comparison.value)
        if comparison.path == ("timestamp",) and asked and comparison.op in (">", ">=", "<", "<="):
            widened = comparison.op[0] + "="  # the filter itself decides at the border
            bounds.append(f"time {widened} ?")
            values.append(int(asked.timestamp() * 1_000_000))
    return bounds, values
