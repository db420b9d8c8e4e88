"""Executions started by executions, and waited for.

The child's id is journaled before it is started, so that a killed emulator finds the child that
was started instead of starting another.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from emulator.cloud import Access, Principal
from emulator.drive.documents import json_text
from emulator.drive.names import ExecutionName, WorkflowName
from emulator.drive.perform import Subject
from emulator.drive.run import Run
from emulator.errors import ApiError
from emulator.workflows.effects import Failure, Request, RunChild

Json = Any
Value = Any


class Starter(Protocol):
    """The engine, as a child's parent sees it."""

    def create(
        self, workflow: WorkflowName, given: Mapping[str, Json], id_: str | None = None
    ) -> dict[str, Json]: ...

    async def wait(self, name: ExecutionName) -> dict[str, Json]: ...


class Children:
    """Performs RunChild. `engine` is put in place when there is one."""

    engine: Starter

    def __init__(self, access: Access) -> None:
        self._access = access

    async def __call__(self, subject: Subject, run: Run, request: Request) -> Value:
        effect = request.effect
        assert isinstance(effect, RunChild)
        parent = subject.name.workflow
        name = WorkflowName(
            effect.project_id or parent.project,
            effect.location or parent.location,
            effect.workflow_id,
        )
        return await self.start(subject, run, request, name, effect.argument)

    async def start(
        self,
        subject: Subject,
        run: Run,
        request: Request,
        workflow: WorkflowName,
        argument: Value,
        wait: bool = True,
    ) -> Value:
        """The child's result, or how it failed; None when nobody waits for it."""
        name = ExecutionName(workflow, _id(run, request))
        try:
            permission = "workflows.executions.create"
            self._access.require(Principal(subject.account), permission, str(workflow))
            self.engine.create(workflow, {"argument": json_text(argument)}, name.id)
            return result(await self.engine.wait(name)) if wait else None
        except ApiError as error:
            return refused(error)


def _id(run: Run, request: Request) -> str:
    noted = run.noted(request)
    if noted is None:
        noted = str(uuid.uuid4())
        run.note(request, noted)
    return str(noted)


def result(child: Mapping[str, Json]) -> Value:
    if child["state"] == "SUCCEEDED":
        return orjson.loads(child["result"])
    message = f"execution {child['name']} ended in state {child['state']}"
    error = child.get("error", {})
    return Failure(message, ("ExecutionError",), {"error": error} if error else {})


def refused(error: ApiError) -> Failure:
    """What an API's refusal is to a workflow: an HttpError, as if called over HTTP."""
    fields = {"code": error.code, "body": error.to_json(), "headers": {}}
    message = f"HTTP server responded with error code {error.code}"
    return Failure(message, ("HttpError",), fields)
