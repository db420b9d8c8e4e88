"""Jobs under way: PENDING until there is room, RUNNING on a thread of their own, then DONE.

What others see of a job is replaced, never changed, so it may be read at any moment.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from emulator.bigquery.errors import BigQueryError
from emulator.bigquery.leash import Leash, leashed, stopped
from emulator.bigquery.telling import now
from emulator.errors import ApiError

Json = Any
Job = dict[str, Json]
MOST = 16
"""Jobs that run at once; more of them wait."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Live:
    """One job under way."""

    job: Job
    leash: Leash
    done: Future[Job] = field(default_factory=Future)


class Running:
    """Every job under way, by its id."""

    def __init__(self, finished: Callable[[Job], None], most: int = MOST) -> None:
        """`finished` keeps a job that is DONE, before anybody is told."""
        self._finished = finished
        self._room = threading.Semaphore(most)
        self._live: dict[str, Live] = {}

    def start(self, job: Job, work: Callable[[Job], None]) -> Live:
        """`work` writes into the job that it is given what came of it."""
        live = Live(job, Leash(job["id"]))
        self._live[job["id"]] = live
        threading.Thread(target=self._run, args=(live, work), daemon=True, name=job["id"]).start()
        return live

    def get(self, name: str) -> Live | None:
        return self._live.get(name)

    def all(self) -> list[Live]:
        return list(self._live.values())

    def cancel(self, live: Live, message: str = "User requested cancellation") -> None:
        live.leash.pull(stopped(message))

    def end(self, patience: float) -> None:
        """Cancel all, and wait for their ends."""
        for live in self.all():
            self.cancel(live, "The emulator was stopped.")
        deadline = time.monotonic() + patience
        for live in self.all():
            live.leash.ended.wait(max(0.0, deadline - time.monotonic()))

    # -- on the job's thread --------------------------------------------------------------------

    def _run(self, live: Live, work: Callable[[Job], None]) -> None:
        with leashed(live.leash):
            draft = {**live.job, "statistics": dict(live.job["statistics"])}
            draft["configuration"] = dict(draft["configuration"])
            error = self._in_turn(live, draft, work)
            mild = draft["status"].get("errors")  # records that a load left out
            draft["status"] = {
                "state": "DONE",
                **({"errors": mild} if mild else {}),
                **_told(error),
            }
            draft["statistics"] |= {"endTime": now()}
            draft["statistics"].setdefault("startTime", draft["statistics"]["endTime"])
            self._end(live, draft)

    def _in_turn(self, live: Live, draft: Job, work: Callable[[Job], None]) -> BigQueryError | None:
        try:
            while not self._room.acquire(timeout=0.05):
                live.leash.check()
        except BigQueryError as error:
            return error
        timer = _timer(live)
        try:
            live.leash.check()
            draft["statistics"]["startTime"] = now()
            draft["status"] = {"state": "RUNNING"}
            live.job = {**draft, "statistics": dict(draft["statistics"])}
            return outcome_of(lambda: work(draft))
        except BigQueryError as error:
            return error
        finally:
            timer.cancel()
            self._room.release()

    def _end(self, live: Live, job: Job) -> None:
        try:
            self._finished(job)
        except Exception:
            log.exception("%s could not be kept", job["id"])
        live.job = job
        self._live.pop(job["id"], None)
        live.done.set_result(job)


def outcome_of(work: Callable[[], None]) -> BigQueryError | None:
    """Nothing, or how it failed: a job carries its error, whatever it is."""
    try:
        work()
    except BigQueryError as error:
        return error
    except ApiError as error:
        return BigQueryError(_BY_CODE.get(error.code, "invalid"), error.message)
    except Exception as error:
        log.exception("a job failed by a mistake of the emulator")
        return BigQueryError("internalError", f"The emulator failed: {error!r}")
    return None


_BY_CODE = {404: "notFound", 403: "accessDenied", 409: "duplicate"}


def _timer(live: Live) -> threading.Timer:
    """`jobTimeoutMs` (Google: "Job" resource)."""
    limit = int(live.job["configuration"].get("jobTimeoutMs") or 0)
    message = f"Job timed out after {limit / 1000:g} s"
    timer = threading.Timer(limit / 1000, lambda: live.leash.pull(stopped(message)))
    timer.daemon = True
    if limit:
        timer.start()
    return timer


def _told(error: BigQueryError | None) -> Job:
    return {} if error is None else {"errorResult": error.proto(), "errors": [error.proto()]}
