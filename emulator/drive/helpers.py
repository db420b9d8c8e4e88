"""Connector methods that are not methods of an API (Workflows: "Connectors reference")."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from emulator.drive.catalog import ArgumentError
from emulator.drive.names import WorkflowName
from emulator.drive.perform import Subject
from emulator.drive.run import Run
from emulator.workflows.effects import Failure, Request

Value = Any
SECRETS = "googleapis.secretmanager.v1.projects.secrets"
RUN = "googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run"


class Starts(Protocol):
    """What runs another workflow."""

    async def start(
        self,
        subject: Subject,
        run: Run,
        request: Request,
        workflow: WorkflowName,
        argument: Value,
        wait: bool = True,
    ) -> Value: ...


class Apis(Protocol):
    """What a helper may call."""

    @property
    def children(self) -> Starts: ...

    async def generic(
        self,
        subject: Subject,
        run: Run,
        request: Request,
        method: str,
        arguments: Mapping[str, Value],
    ) -> Value: ...


Helper = Callable[[Apis, Subject, Run, Request, Mapping[str, Value]], Awaitable[Value]]


def named(method: str) -> Helper | None:
    return HELPERS.get(method)


async def access_string(
    apis: Apis, subject: Subject, run: Run, request: Request, arguments: Mapping[str, Value]
) -> Value:
    """A secret's value as text."""
    _only(arguments, "secret_id", "version", "project_id")
    version = arguments.get("version") or "latest"
    name = f"{_secret(subject, arguments)}/versions/{version}"
    answer = await apis.generic(subject, run, request, f"{SECRETS}.versions.access", {"name": name})
    return answer if isinstance(answer, Failure) else _text(answer)


def _text(answer: Value) -> Value:
    try:
        return base64.b64decode(answer["payload"]["data"]).decode()
    except UnicodeDecodeError:
        return Failure("the secret is not text in UTF-8", ("ValueError",))


async def add_version_string(
    apis: Apis, subject: Subject, run: Run, request: Request, arguments: Mapping[str, Value]
) -> Value:
    """A text as a secret's next version."""
    _only(arguments, "secret_id", "data", "project_id")
    data = base64.b64encode(str(_needed(arguments, "data")).encode()).decode()
    wanted = {"parent": _secret(subject, arguments), "body": {"payload": {"data": data}}}
    return await apis.generic(subject, run, request, f"{SECRETS}.addVersion", wanted)


async def run_workflow(
    apis: Apis, subject: Subject, run: Run, request: Request, arguments: Mapping[str, Value]
) -> Value:
    """The result of another workflow."""
    _only(arguments, "workflow_id", "location", "project_id", "argument")
    mine = subject.name.workflow
    workflow = WorkflowName(
        arguments.get("project_id") or mine.project,
        arguments.get("location") or mine.location,
        _needed(arguments, "workflow_id"),
    )
    wait = not (arguments.get("connector_params") or {}).get("skip_polling")
    argument = arguments.get("argument")
    return await apis.children.start(subject, run, request, workflow, argument, wait)


def _secret(subject: Subject, arguments: Mapping[str, Value]) -> str:
    project = arguments.get("project_id") or subject.name.workflow.project
    return f"projects/{project}/secrets/{_needed(arguments, 'secret_id')}"


def _needed(arguments: Mapping[str, Value], name: str) -> Value:
    if arguments.get(name) is None:
        raise ArgumentError(f"missing argument '{name}'")
    return arguments[name]


def _only(arguments: Mapping[str, Value], *names: str) -> None:
    if unknown := arguments.keys() - {*names, "connector_params"}:
        raise ArgumentError("; ".join(f"unknown argument '{name}'" for name in sorted(unknown)))


HELPERS: Mapping[str, Helper] = {
    f"{SECRETS}.versions.accessString": access_string,
    f"{SECRETS}.addVersionString": add_version_string,
    RUN: run_workflow,
}
