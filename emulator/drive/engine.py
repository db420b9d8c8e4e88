"""Every execution of one emulator: created, queued, driven, recovered, cancelled, ended."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.clock import rfc3339, unix
from emulator.cloud import Cloud
from emulator.drive import documents
from emulator.drive.active import Active
from emulator.drive.definitions import Definitions
from emulator.drive.history import History, LoggedHistory
from emulator.drive.journal import Journal
from emulator.drive.language import Language
from emulator.drive.logs import ExecutionLog
from emulator.drive.names import ExecutionName, WorkflowName
from emulator.drive.perform import Performer, Shared, Subject
from emulator.drive.run import Run
from emulator.drive.values import clean
from emulator.errors import ApiError, not_found
from emulator.workflows.effects import Outcome
from emulator.workflows.limits import OFF, STRICT

Json = Any
EXECUTION = "execution"
OPEN = "execution-open"
"""Names of the executions that have not ended: what a new start must take up again."""
STEPS = "execution-steps"
CLEANED_EVERY = 6 * 3600.0
LIVING = frozenset({"ACTIVE", "QUEUED"})

log = logging.getLogger(__name__)
"""Of the emulator itself; what executions say goes to the log service."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """Workflows: Quotas and limits, "Quotas"."""

    concurrent: int = 10_000
    backlog: int = 100_000
    kept: float = 90 * 86400.0
    """Seconds for which an execution that has ended is there."""


class Engine:
    """The executions of one emulator."""

    def __init__(
        self, cloud: Cloud, shared: Shared, language: Language, quotas: Quotas | None = None
    ) -> None:
        self.limits = STRICT if cloud.settings.strict_limits else OFF
        self.definitions = Definitions(cloud.store, language.parse, self.limits)
        self._cloud = cloud
        self._shared = shared
        self._language = language
        self._quotas = quotas or Quotas()
        self._active: dict[str, Active] = {}
        self._queue: deque[Active] = deque()
        self._running = 0
        self.started = asyncio.Event()
        """What was going on is taken up: before that, nobody may ask how it is."""
        self._warmth: asyncio.Task[None] | None = None
        self._cleaning: asyncio.Task[None] | None = None

    # -- the life of the emulator ----------------------------------------------------------------

    async def start(self) -> None:
        """Take up what was going on when the emulator ended."""
        if self.started.is_set():
            return
        for text, _ in self._cloud.store.list(OPEN):
            document = self._cloud.store.get(EXECUTION, text)
            if document and document["state"] in LIVING:
                self._take_up(Active(ExecutionName.parse(text, self._cloud.projects), document))
            else:
                self._leave_no_trace(text)
        loop = asyncio.get_running_loop()
        self._warmth = loop.create_task(self._shared.network.warm())
        self._cleaning = loop.create_task(self._clean())
        self.started.set()

    async def stop(self) -> None:
        """Stop driving; the executions go on when the emulator starts again."""
        tasks = [active.task for active in self._active.values() if active.task]
        self._queue.clear()
        tasks += [task for task in (self._warmth, self._cleaning) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._active.clear()
        await self._shared.network.close()

    async def _clean(self) -> None:
        """Forget what ended long ago, soon after each start and every few hours."""
        while True:
            long_ago = self._cloud.clock.now() - self._quotas.kept
            for text, document in await asyncio.to_thread(self._cloud.store.list, EXECUTION):
                if "endTime" in document and unix(document["endTime"]) < long_ago:
                    self._cloud.store.delete(STEPS, text)
                    self._cloud.store.delete(EXECUTION, text)
            await self._cloud.clock.sleep_until(self._cloud.clock.now() + CLEANED_EVERY)

    # -- what others ask for ---------------------------------------------------------------------

    def create(
        self, workflow: WorkflowName, given: Mapping[str, Json], id_: str | None = None
    ) -> dict[str, Json]:
        """Start one with the fields of an Execution; with an id that exists, answer that one."""
        latest = self.definitions.latest(workflow)
        name = ExecutionName(workflow, id_ or str(uuid.uuid4()))
        self._check_quota(given)
        now = rfc3339(self._cloud.clock.now())
        active = Active(name, documents.new_document(name, latest, given, now))
        if self._has_room():
            self._begin(active)
        if self._cloud.store.create(EXECUTION, active.key, active.document):
            self._cloud.store.put(OPEN, active.key, None)
            self._take_up(active)
        return self.get(name)

    def get(self, name: ExecutionName) -> dict[str, Json]:
        if active := self._active.get(str(name)):
            return active.shown()
        document: dict[str, Json] | None = self._cloud.store.get(EXECUTION, str(name))
        if document is None:
            raise not_found(str(name))
        return document

    def all_of(self, workflow: WorkflowName) -> list[dict[str, Json]]:
        found = self._cloud.store.list(EXECUTION, workflow.executions)
        return [self._active[n].shown() if n in self._active else value for n, value in found]

    async def wait(self, name: ExecutionName) -> dict[str, Json]:
        """The execution, when it has ended."""
        if active := self._active.get(str(name)):
            await active.ended.wait()
        return self.get(name)

    def cancel(self, name: ExecutionName) -> dict[str, Json]:
        state = self.get(name)["state"]
        active = self._active.get(str(name))
        if active is None:
            message = f"Execution '{name}' cannot be cancelled in state {state}."
            raise ApiError("FAILED_PRECONDITION", message)
        if active.task:
            active.task.cancel()
        else:
            self._queue.remove(active)
        active.history.cancel()
        self._finish(active, {"state": "CANCELLED"})
        return self.get(name)

    def remove_all(self, workflow: WorkflowName) -> None:
        """A workflow is deleted with its executions."""
        for text, _ in self._cloud.store.list(EXECUTION, workflow.executions):
            if active := self._active.get(text):
                self.cancel(active.name)
            self._cloud.store.delete(STEPS, text)
            self._cloud.store.delete(EXECUTION, text)

    async def run_of(self, name: ExecutionName) -> Run | None:
        """The moving part of an execution that goes on, when it is where it was before a kill."""
        active = self._active.get(str(name))
        if active is None or active.document["state"] == "QUEUED":
            return None
        await active.live.wait()
        return active.run if active.key in self._active else None

    def steps(self, name: ExecutionName) -> list[list[Json]]:
        """Rows of `History`; none when the history was deleted."""
        if active := self._active.get(str(name)):
            return active.history.rows()
        self.get(name)
        return self._cloud.store.get(STEPS, str(name)) or []

    def forget_steps(self, name: ExecutionName) -> None:
        if self.get(name)["state"] in LIVING:
            raise ApiError("FAILED_PRECONDITION", f"Execution '{name}' has not ended.")
        self._cloud.store.delete(STEPS, str(name))

    # -- the life of an execution ----------------------------------------------------------------

    def _check_quota(self, given: Mapping[str, Json]) -> None:
        if self._has_room():
            return
        full = len(self._queue) >= self._quotas.backlog
        if full or given.get("disableConcurrencyQuotaOverflowBuffering"):
            raise ApiError("RESOURCE_EXHAUSTED", "Quota exceeded for concurrent executions.")

    def _has_room(self) -> bool:
        return self._running < self._quotas.concurrent

    def _begin(self, active: Active) -> None:
        now = rfc3339(self._cloud.clock.now())
        active.document |= {"state": "ACTIVE", "startTime": now}
        self._log(active).state("ACTIVE", {"start": {}})

    def _take_up(self, active: Active) -> None:
        self._active[active.key] = active
        if self._has_room():
            self._launch(active)
        else:
            self._queue.append(active)

    def _launch(self, active: Active) -> None:
        self._running += 1
        if active.document["state"] != "ACTIVE":
            self._begin(active)
            self._cloud.store.put(EXECUTION, active.key, active.document)
        active.task = asyncio.get_running_loop().create_task(self._drive(active))
        active.task.add_done_callback(self._left)

    async def _drive(self, active: Active) -> None:
        outcome = await self._outcome(active)
        self._finish(active, documents.outcome_fields(outcome))

    def _left(self, _: object) -> None:
        self._running -= 1
        while self._queue and self._has_room():
            self._launch(self._queue.popleft())

    async def _outcome(self, active: Active) -> Outcome:
        try:
            run = self._prepare(active)
            return await run.drive(unix(active.document["startTime"]))
        except Exception as error:
            log.exception("execution %s cannot go on", active.key)
            return documents.broken(error)

    def _prepare(self, active: Active) -> Run:
        """A machine with everything that it needs, newly begun or journaled before."""
        document, name = active.document, active.name
        revision = document["workflowRevisionId"]
        workflow = self.definitions.revision(name.workflow, revision)
        log_ = self._log(active)
        detailed = document.get("executionHistoryLevel") == "EXECUTION_HISTORY_DETAILED"
        active.history = LoggedHistory(log_, detailed) if log_.wanted else History(detailed)
        machine = self._language.execute(
            self.definitions.program(name.workflow, revision),
            orjson.loads(document["argument"]),
            documents.environment(name, workflow),
            limits=self.limits,
            seed=documents.seed_of(name),
            observer=active.history,
        )
        account = documents.account_of(name.workflow, workflow)
        subject = Subject(name, account, self._cloud.settings.url)
        performer = Performer(subject, self._shared, log_)
        journal = Journal(self._cloud.store, active.key)
        active.run = Run(machine, journal, performer, self._cloud.clock, active.live)
        active.history.clock = active.run
        return active.run

    def _log(self, active: Active) -> ExecutionLog:
        revision = active.document["workflowRevisionId"]
        level = active.document.get("callLogLevel", "")
        return ExecutionLog(self._cloud.logs, self._cloud.clock, active.name, revision, level)

    def _finish(self, active: Active, fields: Mapping[str, Json]) -> None:
        """The outcome first, the traces after: dying in between loses neither."""
        document = active.document
        document |= {**fields, **active.last_status()}
        document |= documents.ended(document, self._cloud.clock.now())
        self._put(STEPS, active.key, active.history.rows())
        self._put(EXECUTION, active.key, document)
        self._leave_no_trace(active.key)
        self._log(active).state(document["state"], _end_details(document))
        del self._active[active.key]
        active.live.set()
        active.ended.set()

    def _put(self, kind: str, name: str, value: Json) -> None:
        try:
            self._cloud.store.put(kind, name, value)
        except TypeError:
            self._cloud.store.put(kind, name, clean(value))

    def _leave_no_trace(self, text: str) -> None:
        self._cloud.store.drop(f"execution/{text}")
        self._cloud.store.delete(OPEN, text)


def _end_details(document: Mapping[str, Json]) -> dict[str, Json]:
    """Executions system log: "success", "failure" or "cancelled"."""
    if document["state"] == "SUCCEEDED":
        return {"success": {"result": document["result"]}}
    if error := document.get("error"):
        return {"failure": {"exception": error["payload"], "source": error["context"]}}
    return {}
