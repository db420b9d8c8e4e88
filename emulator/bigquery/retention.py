"""What does not stay for ever: rows of results, old jobs, and what an ended emulator left half.

The rows of a query without a destination are there for a day, as Google's (Google: "Using cached
query results"), and jobs for half a year ("Managing jobs"). A laptop's disk is smaller than a
cloud's, so both have a size as well.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from emulator.bigquery.children import KIND
from emulator.bigquery.results import Results
from emulator.store import Store

log = logging.getLogger(__name__)
NAME = "bigquery-tidy"
AGE = 24 * 3600.0
MOST = 20 << 30
"""Bytes of all results, or a quarter of what the disk could give them."""
JOB_AGE = 180 * 24 * 3600.0
JOBS = 10_000
OFTEN = 200
"""Jobs after which it is tidied."""
GROWN = 1 << 30
"""Bytes of results after which it is tidied."""


class Retention:
    """Of one emulator."""

    def __init__(self, store: Store, folder: Path, results: Results) -> None:
        self._store = store
        self._folder = folder
        self._results = results
        self._count = 0
        self._ended = False
        self._turn = threading.Lock()
        self._tidying: threading.Thread | None = None

    def begin(self) -> None:
        """Before there is any work: what is left of an earlier emulator's."""
        self._results.forget_parts()
        for name in ("incoming", "sessions"):
            shutil.rmtree(self._folder / name, ignore_errors=True)
        self._beside()

    def perhaps(self) -> None:
        """Tidy, beside other work, if it is time."""
        self._count += 1
        if self._count % OFTEN == 0 or self._results.grown > GROWN:
            self._results.grown = 0
            self._beside()

    def _beside(self) -> None:
        with self._turn:
            if self._ended or (self._tidying is not None and self._tidying.is_alive()):
                return
            self._tidying = threading.Thread(target=self._quietly, daemon=True, name=NAME)
            self._tidying.start()

    def _quietly(self) -> None:
        """Work goes on without it: the next one tidies what this one could not."""
        try:
            self.tidy()
        except Exception as error:  # noqa: BLE001 - a folder that goes while it is read, a full disk
            log.warning("not tidied: %r", error)

    def end(self) -> None:
        """Nothing is tidied after this, and nothing is begun: the store closes next."""
        with self._turn:
            self._ended = True
        if self._tidying is not None:
            self._tidying.join()

    def tidy(self, now: float | None = None) -> None:
        if not (self._folder / "results").exists():
            return
        free = shutil.disk_usage(self._folder).free
        self._results.tidy(AGE, min(MOST, free // 4))
        ended = [(_made(job), name) for name, job in self._store.list(KIND)
                 if job["status"]["state"] == "DONE"]  # fmt: skip
        oldest = (now or time.time()) - JOB_AGE
        for place, (made, name) in enumerate(sorted(ended, reverse=True)):
            if self._ended:
                return
            if place >= JOBS or made < oldest:
                self._store.delete(KIND, name)
                self._results.drop(name)


def _made(job: dict[str, Any]) -> float:
    return int(job["statistics"]["creationTime"]) / 1000
