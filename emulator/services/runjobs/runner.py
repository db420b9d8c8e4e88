"""Runs executions: so many tasks side by side, each attempted again as often as the job says.

Every change is in the store before the next is made. What a killed emulator left behind goes on
when the next one starts: an attempt that ran then counts as failed, and is retried if the job
allows it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json
from emulator.errors import ApiError
from emulator.host import tasks
from emulator.host.tasks import Attempt, Outcome, TaskProcess
from emulator.services.runjobs import execution as ex
from emulator.services.runjobs import resource

EXECUTION, TASK = "run-execution", "run-task"
SIDE_BY_SIDE = 16
"""Tasks of one execution at most: this is one machine."""
LOST = "The emulator ended while the task ran."
Document = dict[str, Json]

log = logging.getLogger(__name__)


class Runner:
    """Every execution under way."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._live: dict[str, tuple[Run, asyncio.Task[None]]] = {}

    def begin(self, execution: Document) -> None:
        """Write it down and start it."""
        run = Run(self._cloud, {"shown": execution})
        run.write_down()
        self._go(run)

    def _go(self, run: Run) -> None:
        tasks.remember(self._cloud, run.name, run.shown["template"]["serviceAccount"])
        task = asyncio.get_running_loop().create_task(run.perform())
        self._live[run.name] = (run, task)

        def over(_: object) -> None:
            del self._live[run.name]

        task.add_done_callback(over)

    async def finished(self, name: str) -> Document:
        """The execution, once it is over."""
        if name in self._live:
            await asyncio.shield(self._live[name][1])
        shown: Document = self._cloud.store.get(EXECUTION, name)["shown"]  # type: ignore[index]  # deleted only when over
        return shown

    def operation(self, parent: str, name: str, metadata: Document) -> Document:
        made = self._cloud.operations("run").start(parent, metadata, self._answer, lasting=True)
        record = self._cloud.store.get(EXECUTION, name) or {}
        self._cloud.store.put(EXECUTION, name, {**record, "operation": made["name"]})
        if name in self._live:
            self._live[name][0].record["operation"] = made["name"]
        return made

    async def _answer(self, metadata: Document) -> Json:
        shown = await self.finished(metadata["name"])
        metadata.update(shown)
        last = ex.completed(shown)
        if last["state"] != "CONDITION_SUCCEEDED":
            status = "CANCELLED" if last.get("executionReason") == "CANCELLED" else "UNKNOWN"
            raise ApiError(status, last["message"])
        return {"@type": metadata["@type"], **shown}

    async def cancel(self, name: str) -> None:
        """Returns when nothing of it runs any more; does nothing to one that is over."""
        if name in self._live:
            run, task = self._live[name]
            await run.cancel()
            await asyncio.shield(task)

    async def start(self) -> None:
        """Go on with what an earlier emulator left."""
        for name, record in self._cloud.store.list(EXECUTION):
            if not ex.is_over(record["shown"]) and name not in self._live:
                self._go(Run(self._cloud, record))
            if operation := record.get("operation"):
                self._cloud.operations("run").resume(operation, self._answer)

    async def stop(self) -> None:
        """End every process; what was under way goes on with the next emulator."""
        running = [task for _, task in self._live.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class Run:
    """One execution under way."""

    def __init__(self, cloud: Cloud, record: Document) -> None:
        self._cloud = cloud
        self.record = record
        self.shown: Document = record["shown"]
        self.name: str = self.shown["name"]
        self._processes: set[TaskProcess] = set()
        self._cancelled = bool(record.get("cancelled"))

    def write_down(self) -> None:
        """The execution and its tasks, before anything runs."""
        for index in range(self.shown["taskCount"]):
            self._put_task(ex.new_task(self.shown, index, self._moment()))
        self._put()

    async def perform(self) -> None:
        try:
            await self._perform()
        except Exception:
            log.exception("%s", self.name)
            ex.end_execution(self.shown, "Internal error encountered.", False, self._moment())
            self._put()
        tasks.forget(self._cloud, self.name)

    async def _perform(self) -> None:
        left = [task for task in self._tasks() if not ex.is_over(task)]
        gate = asyncio.Semaphore(min(self.shown["parallelism"], SIDE_BY_SIDE))
        self.shown.pop("runningCount", None)
        async with asyncio.TaskGroup() as group:
            for task in left:
                group.create_task(self._task(task, gate))
        broken = [t for t in self._tasks() if ex.completed(t)["state"] == "CONDITION_FAILED"]
        ex.end_execution(self.shown, failure_of(broken), self._cancelled, self._moment())
        self._put()

    async def _task(self, task: Document, gate: asyncio.Semaphore) -> None:
        """From its start, or from where a killed emulator left it, to its end."""
        async with gate:
            outcome = Outcome(message=LOST) if "startTime" in task else None
            while outcome is None or self._again(task, outcome):
                outcome = await self._attempt(task)
            self._end(task, outcome)

    def _again(self, task: Document, outcome: Outcome) -> bool:
        if outcome.good or self._cancelled or task["retried"] >= task.get("maxRetries", 0):
            return False
        ex.fail_attempt(task, outcome)
        task["retried"] += 1
        ex.count(self.shown, "retriedCount", 1)
        self._put_task(task)
        self._put()
        return True

    async def _attempt(self, task: Document) -> Outcome:
        if self._cancelled:
            return Outcome(cancelled=True)
        process = TaskProcess(self._cloud, self._described(task))
        self._processes.add(process)
        self._begin(task)
        try:
            return await process.run()
        finally:
            self._processes.discard(process)
            ex.count(self.shown, "runningCount", -1)

    def _begin(self, task: Document) -> None:
        for document in (task, self.shown):
            ex.begin(document, self._moment())
        ex.count(self.shown, "runningCount", 1)
        self._put_task(task)
        self._put()

    def _end(self, task: Document, outcome: Outcome) -> None:
        if self._cancelled and not outcome.good:
            outcome = Outcome(cancelled=True)
        ex.end_task(task, outcome, self._moment())
        kind = "succeeded" if outcome.good else "cancelled" if outcome.cancelled else "failed"
        ex.count(self.shown, f"{kind}Count", 1)
        self._put_task(task)
        self._put()

    def _described(self, task: Mapping[str, Json]) -> Attempt:
        container = task["containers"][0]
        project = self.name.split("/")[1]
        return Attempt(
            execution=self.name,
            image=container["image"],
            command=resource.command_of(container),
            account=task["serviceAccount"],
            index=task["index"],
            number=task["retried"],
            count=self.shown["taskCount"],
            timeout=resource.seconds(task["timeout"]),
            memory=resource.memory_of(container) or 0,
            variables=resource.plain_of(container),
            secrets=resource.secrets_of(project, container),
        )

    async def cancel(self) -> None:
        self._cancelled = self.record["cancelled"] = True
        self._put()
        await asyncio.gather(*(process.cancel() for process in self._processes))

    def _tasks(self) -> list[Document]:
        found: list[tuple[str, Any]] = self._cloud.store.list(TASK, f"{self.name}/tasks/")
        return sorted((task for _, task in found), key=lambda one: int(one["index"]))

    def _put(self) -> None:
        self._cloud.store.put(EXECUTION, self.name, self.record)

    def _put_task(self, task: Document) -> None:
        self._cloud.store.put(TASK, task["name"], task)

    def _moment(self) -> str:
        return rfc3339(self._cloud.clock.now())


def failure_of(broken: list[Document]) -> str:
    """In Cloud Run's words; empty when no task failed."""
    if not broken:
        return ""
    short = broken[0]["name"].rpartition("/")[2]
    message = ex.completed(broken[0]).get("message", "")
    return f"Task {short} failed with message: {message}"
