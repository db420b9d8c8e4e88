"""How work on the warehouse is stopped from another thread.

DuckDB forgets an interrupt that comes between two statements, so a leash that was pulled is also
looked at before each, and who pulled it pulls until the work has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from emulator.bigquery.errors import BigQueryError

OFTEN = 0.02
"""Seconds between two pulls."""


class Leash:
    """Of one job, or of one other piece of work (`job` is "" then)."""

    def __init__(self, job: str = "") -> None:
        self.job = job
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._cursors: list[Any] = []
        self._why: BigQueryError | None = None

    def check(self) -> None:
        """Raises what it was stopped with."""
        if self._why is not None:
            raise self._why

    @property
    def pulled(self) -> bool:
        return self._why is not None

    def pull(self, why: BigQueryError) -> None:
        """Stop it; returns at once."""
        if self._why is None:
            self._why = why
            threading.Thread(target=self._until_ended, daemon=True, name="bigquery-stop").start()

    def _until_ended(self) -> None:
        while True:
            with self._lock:
                for cursor in self._cursors:
                    cursor.interrupt()
            if self.ended.wait(OFTEN):
                return

    @contextmanager
    def on(self, cursor: Any) -> Iterator[None]:
        """While it is in use, `cursor` is interrupted with the rest."""
        self.check()
        with self._lock:
            self._cursors.append(cursor)
        try:
            yield
        finally:
            with self._lock:
                self._cursors.remove(cursor)


_current: ContextVar[Leash | None] = ContextVar("leash", default=None)


def current() -> Leash:
    """That of this thread's work."""
    return _current.get() or Leash()


@contextmanager
def leashed(leash: Leash) -> Iterator[None]:
    """What this thread does meanwhile can be stopped by `leash`."""
    token = _current.set(leash)
    try:
        yield
    finally:
        _current.reset(token)
        leash.ended.set()


def stopped(message: str) -> BigQueryError:
    return BigQueryError("stopped", f"Job execution was cancelled: {message}")
