"""The methods of Workflow Executions v1, for either wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Principal
from emulator.drive.engine import Engine
from emulator.drive.names import ExecutionName, WorkflowName
from emulator.drive.rules import LEVELS, label_problems
from emulator.errors import invalid, not_found
from emulator.rpc.filters import compile_filter
from emulator.rpc.listing import enum, number, ordered, page
from emulator.rpc.method import Request
from emulator.services.executions import views
from emulator.services.executions.entries import FIELDS, entries

Json = Any


class ExecutionsApi:
    """Starts, shows and ends executions; running them is the engine's."""

    def __init__(self, cloud: Cloud, engine: Engine) -> None:
        self._cloud = cloud
        self._engine = engine

    # -- executions ------------------------------------------------------------------------------

    async def create(self, caller: Principal, request: Request) -> Json:
        workflow = WorkflowName.parse(request["parent"], self._cloud.projects)
        self._require(caller, "executions.create", workflow)
        return self._engine.create(workflow, self._checked(request.get("execution") or {}))

    async def trigger_by_pubsub(self, caller: Principal, request: Request) -> Json:
        """What Eventarc sends for a message of Pub/Sub."""
        workflow = WorkflowName.parse(request["workflow"], self._cloud.projects)
        self._require(caller, "executions.create", workflow)
        event = pubsub_event(workflow, request, rfc3339(self._cloud.clock.now()))
        given = {"argument": orjson.dumps(event).decode()}
        return self._engine.create(workflow, self._checked(given))

    async def get(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "executions.get", request["name"])
        view = views.view_of(request.get("view"), "FULL")
        return views.shown(self._engine.get(name), view)

    async def list_executions(self, caller: Principal, request: Request) -> Json:
        workflow = WorkflowName.parse(request["parent"], self._cloud.projects)
        self._require(caller, "executions.list", workflow)
        self._engine.definitions.latest(workflow)
        view = views.view_of(request.get("view"), "BASIC")
        wanted = compile_filter(request.get("filter") or "", views.FILTERS)
        found = [document for document in self._engine.all_of(workflow) if wanted(document)]
        found.sort(key=views.newest_first, reverse=True)
        found = ordered(found, request.get("orderBy") or "", views.ORDERS)
        most = 100 if view == "FULL" else 1000
        answer = page(request, found, "executions", default=100, most=most)
        answer["executions"] = [views.shown(document, view) for document in answer["executions"]]
        return answer

    async def cancel(self, caller: Principal, request: Request) -> Json:
        return self._engine.cancel(self._name(caller, "executions.cancel", request["name"]))

    async def export(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "executions.get", request["name"])
        data = {"execution": self._engine.get(name), "stepEntries": self._entries(name)}
        return {"data": orjson.dumps(data).decode()}

    # -- steps -----------------------------------------------------------------------------------

    async def delete_history(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "executions.delete", request["name"])
        self._engine.forget_steps(name)
        return {}

    async def list_entries(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "stepEntries.list", request["parent"])
        text = str(request.get("filter") or "").replace("STATE_", "")
        wanted = compile_filter(text, FIELDS)
        found = [entry for entry in self._entries(name) if wanted(entry)]
        found = ordered(found, request.get("orderBy") or "", FIELDS)
        skip = number(request, "skip")
        answer = page(request, found, "stepEntries", default=1000, most=1000, skip=skip)
        return {**answer, "totalSize": len(found)}

    async def get_entry(self, caller: Principal, request: Request) -> Json:
        execution, _, entry_id = request["name"].partition("/stepEntries/")
        name = self._name(caller, "stepEntries.get", execution)
        for entry in self._entries(name):
            if entry["entryId"] == entry_id:
                return entry
        raise not_found(request["name"])

    def _entries(self, name: ExecutionName) -> list[dict[str, Json]]:
        return entries(str(name), self._engine.steps(name))

    # -- callbacks -------------------------------------------------------------------------------

    async def list_callbacks(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "callbacks.list", request["parent"])
        self._engine.get(name)
        run = await self._engine.run_of(name)
        found = [
            {
                "name": f"{name}/callbacks/{endpoint.id}",
                "method": endpoint.method,
                "availablePayloads": [orjson.dumps(p).decode() for p in endpoint.stored],
                "waiters": str(endpoint.waiting()),
            }
            for endpoint in (run.callbacks.all() if run else ())
        ]
        return page(request, found, "callbacks", default=100, most=100)

    async def receive(
        self, caller: Principal, execution: str, callback: str, method: str, payload: Json
    ) -> None:
        """A request at a callback URL; gone once the execution has ended."""
        name = self._name(caller, "callbacks.send", execution)
        run = await self._engine.run_of(name)
        if run is None:
            raise not_found(f"{execution}/callbacks/{callback}")
        run.callbacks.receive(callback, method, payload)

    # -- checks ----------------------------------------------------------------------------------

    def _checked(self, given: Mapping[str, Json]) -> dict[str, Json]:
        argument = given.get("argument") or "null"
        if len(argument.encode()) > self._engine.limits.argument:
            raise invalid("The execution argument is larger than 32 KB.")
        try:
            orjson.loads(argument)
        except orjson.JSONDecodeError as error:
            message = f"The execution argument is not valid JSON: {error}"
            raise invalid(message) from None
        if problems := list(label_problems(given.get("labels") or {})):
            raise invalid(" ".join(problems))
        levels = {field: enum(given.get(field), n, field) for field, n in LEVELS.items()}
        return {**given, **levels, "argument": argument}

    def _name(self, caller: Principal, permission: str, text: str) -> ExecutionName:
        name = ExecutionName.parse(text, self._cloud.projects)
        self._require(caller, permission, name.workflow)
        return name

    def _require(self, caller: Principal, permission: str, workflow: WorkflowName) -> None:
        self._cloud.access.require(caller, f"workflows.{permission}", str(workflow))


def pubsub_event(workflow: WorkflowName, request: Request, now: str) -> dict[str, Json]:
    """The CloudEvent that a message of Pub/Sub becomes (Eventarc: "Cloud Pub/Sub")."""
    message = request.get("message") or {}
    data: dict[str, Json] = {"message": message, "subscription": request.get("subscription", "")}
    if attempt := request.get("deliveryAttempt"):
        data["deliveryAttempt"] = attempt
    return {
        "data": data,
        "datacontenttype": "application/json",
        "id": message.get("messageId", ""),
        "source": f"//pubsub.googleapis.com/projects/{workflow.project}/topics/",
        "specversion": "1.0",
        "time": message.get("publishTime", now),
        "type": "google.cloud.pubsub.topic.v1.messagePublished",
    }
