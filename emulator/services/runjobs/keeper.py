"""Jobs and their executions in the store, and starting one: what both versions of the API share."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json, Principal
from emulator.errors import ApiError, not_found
from emulator.host import tasks
from emulator.host.task import CommandError, program
from emulator.services.runjobs import execution as ex
from emulator.services.runjobs import resource
from emulator.services.runjobs.runner import EXECUTION, TASK, Runner

JOB = "run-job"
TYPE = "type.googleapis.com/google.cloud.run.v2"
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Of which Kubernetes makes random suffixes: no words come of them."""
Document = dict[str, Json]


def keeper_of(cloud: Cloud) -> Keeper:
    """The one of this emulator."""
    if "run-jobs" not in cloud.parts:
        cloud.parts["run-jobs"] = Keeper(cloud)
    kept: Keeper = cloud.parts["run-jobs"]
    return kept


class Keeper:
    """Reads, writes and runs jobs; who may do so is for others to ask."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._store = cloud.store
        self.runner = Runner(cloud)

    # -- jobs -------------------------------------------------------------------------------

    def job(self, name: str) -> Document:
        found: Document | None = self._store.get(JOB, name)
        if found is None:
            raise not_found(name)
        if latest := found.get("latestCreatedExecution"):
            full = f"{name}/executions/{latest['name']}"
            if (record := self._store.get(EXECUTION, full)) is not None:
                found["latestCreatedExecution"] = ex.reference(record["shown"])
        return found

    def jobs(self, prefix: str) -> list[Document]:
        return [self.job(name) for name, _ in self._store.list(JOB, prefix)]

    def has(self, name: str) -> bool:
        return self._store.get(JOB, name) is not None

    def put(self, name: str, given: Mapping[str, Json], caller: Principal) -> Document:
        """Create or replace, by a Job that was checked and has its defaults."""
        before = self._store.get(JOB, name) or {}
        moment = self.moment()
        generation = str(int(before.get("generation", 0)) + 1)
        kept = ("executionCount", "latestCreatedExecution")
        made = {
            **given,
            "uid": before.get("uid") or str(uuid.uuid4()),
            "generation": generation,
            "observedGeneration": generation,
            "createTime": before.get("createTime") or moment,
            "updateTime": moment,
            "creator": before.get("creator") or caller.email,
            "lastModifier": caller.email,
            "terminalCondition": ex.condition("Ready", "SUCCEEDED", moment),
            "conditions": [],
            **{field: before[field] for field in kept if field in before},
            "etag": f'"{uuid.uuid4().hex}"',
        }
        self._store.put(JOB, name, made)
        return made

    async def delete(self, name: str) -> Document:
        """The job as it was; executions under way are cancelled."""
        gone = self.job(name)
        for one in self.executions(f"{name}/executions/"):
            await self.delete_execution(one["name"])
        self._store.delete(JOB, name)
        self._cloud.access.forget(name)
        return {**gone, "deleteTime": self.moment(), "expireTime": self.moment()}

    # -- executions -------------------------------------------------------------------------

    def execution(self, name: str) -> Document:
        record = self._store.get(EXECUTION, name)
        if record is None:
            raise not_found(name)
        shown: Document = record["shown"]
        return shown

    def executions(self, prefix: str) -> list[Document]:
        """Newest first."""
        found = [record["shown"] for _, record in self._store.list(EXECUTION, prefix)]
        return sorted(found, key=lambda one: str(one["createTime"]), reverse=True)

    def task(self, name: str) -> Document:
        found: Document | None = self._store.get(TASK, name)
        if found is None:
            raise not_found(name)
        return found

    def tasks(self, prefix: str) -> list[Document]:
        """By index."""
        found = [task for _, task in self._store.list(TASK, prefix)]
        return sorted(found, key=lambda one: int(one["index"]))

    def template(self, job: Mapping[str, Json], overrides: Mapping[str, Json]) -> Document:
        """Of an execution of this job; ApiError when it is not one that can run here."""
        made = resource.overridden(job["template"], overrides)
        container = made["template"]["containers"][0]
        try:
            tasks.source_of(self._cloud, container["image"])
            program(resource.command_of(container))
        except (tasks.ImageError, CommandError) as error:
            raise ApiError("FAILED_PRECONDITION", str(error)) from None
        return made

    def run(self, job: Document, template: Mapping[str, Json], caller: Principal) -> Document:
        """Begin an execution. What answers for it as an operation is `operation_of`."""
        suffix = "".join(secrets.choice(LETTERS) for _ in range(5))
        name = f"{job['name']}/executions/{job['name'].rpartition('/')[2]}-{suffix}"
        made = ex.new_execution(name, job, template, caller.email, self.moment())
        self.runner.begin(made)
        latest = {"name": name.rpartition("/")[2], "createTime": made["createTime"]}
        record = self._store.get(JOB, job["name"]) or job
        record["executionCount"] = record.get("executionCount", 0) + 1
        self._store.put(JOB, job["name"], {**record, "latestCreatedExecution": latest})
        return made

    def operation_of(self, execution: Mapping[str, Json]) -> Document:
        """A long-running operation that ends with the execution, even after a restart."""
        parent, name = execution["name"].partition("/jobs/")[0], execution["name"]
        metadata = {"@type": f"{TYPE}.Execution", **execution}
        return self.runner.operation(parent, name, metadata)

    async def cancel(self, name: str) -> Document:
        await self.runner.cancel(name)
        return self.execution(name)

    async def delete_execution(self, name: str) -> Document:
        gone = await self.cancel(name)
        for task in self.tasks(f"{name}/tasks/"):
            self._store.delete(TASK, task["name"])
        self._store.delete(EXECUTION, name)
        return {**gone, "deleteTime": self.moment(), "expireTime": self.moment()}

    def moment(self) -> str:
        return rfc3339(self._cloud.clock.now())


def require_etag(given: Any, live: Mapping[str, Json]) -> None:
    if given and given != live["etag"]:
        message = f"The etag '{given}' is not that of '{live['name']}' any more."
        raise ApiError("ABORTED", message)
