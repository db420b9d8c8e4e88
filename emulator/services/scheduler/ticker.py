"""Sleeps from tick to tick of every job and calls its target.

Ticks that passed while nobody watched are not made up for. A tick that comes while the job's
last execution goes on is delayed until that has ended (Cloud Scheduler: Job.schedule).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from emulator.clock import rfc3339
from emulator.cloud import Cloud
from emulator.errors import RPC_CODE
from emulator.services.scheduler.attempt import log_entry
from emulator.services.scheduler.moments import backoffs, next_tick, seconds
from emulator.services.scheduler.targets import Targets

Json = Any
KIND = "scheduler-job"
GRACE = 60.0
"""Seconds by which a tick may be late and still counts."""
_STATUS = {code: status for status, code in RPC_CODE.items()}


class Ticker:
    """One sleeper per enabled job."""

    def __init__(self, cloud: Cloud, targets: Targets) -> None:
        self._cloud = cloud
        self._targets = targets
        self._sleepers: dict[str, asyncio.Task[None]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        """Executions that a tick began."""
        self._forced: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Every job's next tick is counted from now."""
        for name, _ in self._cloud.store.list(KIND):
            self.arm(name)

    async def stop(self) -> None:
        tasks = [*self._sleepers.values(), *self._running.values(), *self._forced]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._targets.close()

    def arm(self, name: str) -> None:
        """Sleep until the job's next tick, whatever it was before."""
        if sleeper := self._sleepers.pop(name, None):
            sleeper.cancel()
        job = self._job(name)
        if job and job["state"] == "ENABLED":
            self._sleepers[name] = _task(self._follow(name))
        self._show_next(name)

    def force(self, name: str) -> None:
        """Run it now, even if it runs already."""
        task = _task(self._execute(name, self._cloud.clock.now()))
        self._forced.add(task)
        task.add_done_callback(self._forced.discard)

    # -- from tick to tick --------------------------------------------------------------------

    async def _follow(self, name: str) -> None:
        after = self._cloud.clock.now()
        while job := self._job(name):
            due = next_tick(job, after)
            self._schedule(name, due)
            if await self._slept_too_long(due):
                after = self._cloud.clock.now()
                continue
            await self._last_execution(name)
            after = self._cloud.clock.now()
            self._running[name] = _task(self._execute(name, due))
            await self._last_execution(name)

    async def _slept_too_long(self, due: float) -> bool:
        """Sleep until `due`; whether the tick was missed meanwhile."""
        clock = self._cloud.clock
        if due <= clock.now():
            return False
        await clock.sleep_until(due)
        return clock.now() > due + GRACE

    async def _last_execution(self, name: str) -> None:
        if running := self._running.get(name):
            await asyncio.wait([running])

    # -- one execution: an attempt and its retries --------------------------------------------

    async def _execute(self, name: str, due: float) -> None:
        began = self._cloud.clock.now()
        job = self._job(name)
        if not job:
            return
        horizon = next_tick(job, max(due, began))
        waits = backoffs(job["retryConfig"])
        attempts = 0
        while job and await self._fails(name, job, due):
            attempts += 1
            now = self._cloud.clock.now()
            again = now + next(waits)
            if again >= horizon or not _may_retry(job, attempts, again - began):
                break
            self._schedule(name, again)
            await self._cloud.clock.sleep_until(again)
            job = self._job(name)
        self._show_next(name)

    async def _fails(self, name: str, job: dict[str, Json], due: float) -> bool:
        """Make one attempt and note how it went."""
        started = rfc3339(self._cloud.clock.now())
        self._change(name, lastAttemptTime=started)
        times = {"scheduledTime": rfc3339(due)}
        self._log(job, "AttemptStarted", times)
        code, meaning = await self._targets.attempt(job, due)
        self._change(name, status={"code": meaning} if meaning else {})
        self._log(job, "AttemptFinished", times, code, meaning)
        return meaning != 0

    # -- notes --------------------------------------------------------------------------------

    def _job(self, name: str) -> dict[str, Json] | None:
        return self._cloud.store.get(KIND, name)

    def _show_next(self, name: str) -> None:
        job = self._job(name)
        if job and job["state"] == "ENABLED":
            self._schedule(name, next_tick(job, self._cloud.clock.now()))
        else:
            self._change(name, scheduleTime=None)

    def _schedule(self, name: str, due: float) -> None:
        self._change(name, scheduleTime=rfc3339(due))

    def _change(self, name: str, **fields: Json) -> None:
        """None takes a field away. A job that was deleted meanwhile stays deleted."""
        if job := self._job(name):
            job |= fields
            kept = {field: value for field, value in job.items() if value is not None}
            self._cloud.store.put(KIND, name, kept)

    def _log(
        self,
        job: dict[str, Json],
        event: str,
        fields: dict[str, Json],
        code: int = 0,
        meaning: int = 0,
    ) -> None:
        told = {**fields, **({"status": _STATUS[meaning]} if meaning else {})}
        entry = log_entry(job, event, told)
        entry["severity"] = "ERROR" if meaning else "INFO"
        if code:
            entry["httpRequest"] = {"status": code}
        self._cloud.logs.write(entry)


def _may_retry(job: dict[str, Json], attempts: int, elapsed: float) -> bool:
    """Both limits must be reached before the retries end (Cloud Scheduler: RetryConfig)."""
    config = job["retryConfig"]
    longest = seconds(config["maxRetryDuration"], "retryConfig.maxRetryDuration")
    return attempts <= config["retryCount"] or (longest > 0 and elapsed <= longest)


def _task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(work)
