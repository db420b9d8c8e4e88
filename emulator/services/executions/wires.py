"""Workflow Executions v1 on the REST port and the gRPC port, and the callback URLs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Principal, Service
from emulator.drive.build import engine_of
from emulator.drive.payloads import payload
from emulator.rpc import grpc, rest
from emulator.rpc import method as rpc
from emulator.rpc.grpc import Rpc
from emulator.rpc.method import Handler, Method
from emulator.services.executions.api import ExecutionsApi
from emulator.wire import route

Json = Any
WORKFLOW = "projects/*/locations/*/workflows/*"
NAME = f"{{name={WORKFLOW}/executions/*}}"
PARENT = f"{{parent={WORKFLOW}/executions/*}}"
CALLBACK = (
    "/v1/projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}"
    "/callbacks/{callback}"
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
MESSAGES = "google.cloud.workflows.executions_v1.types"


def service(cloud: Cloud) -> Service:
    engine = engine_of(cloud)
    api = ExecutionsApi(cloud, engine)
    ready = [replace(m, handler=after(engine.started, m.handler)) for m in methods(api)]
    routes = [*rest.routes(ready, cloud.identity), *callback_routes(cloud, api, engine.started)]
    wire = {method.name: method.handler for method in ready}
    return Service(
        "executions", routes, engine.start, engine.stop, grpc=lambda: [_grpc(cloud, wire)]
    )


def after(started: asyncio.Event, handler: Handler) -> Handler:
    """Who asks while the emulator starts is answered when it knows what was going on."""

    async def answer(caller: Principal, request: rpc.Request) -> Json:
        await started.wait()
        return await handler(caller, request)

    return answer


def methods(api: ExecutionsApi) -> list[Method]:
    """As the discovery document of workflowexecutions.v1 has them."""
    executions = f"/v1/{{parent={WORKFLOW}}}/executions"
    trigger = f"/v1/{{workflow={WORKFLOW}}}:triggerPubsubExecution"
    history = f"/v1/{NAME}:deleteExecutionHistory"
    entry = f"/v1/{{name={WORKFLOW}/executions/*/stepEntries/*}}"
    return [
        Method("CreateExecution", "POST", executions, api.create, body="execution"),
        Method("ListExecutions", "GET", executions, api.list_executions),
        Method("ExportExecutionData", "GET", f"/v1/{NAME}:exportData", api.export),
        Method("GetExecution", "GET", f"/v1/{NAME}", api.get),
        Method("CancelExecution", "POST", f"/v1/{NAME}:cancel", api.cancel, body="*"),
        Method("DeleteExecutionHistory", "POST", history, api.delete_history, body="*"),
        Method("ListCallbacks", "GET", f"/v1/{PARENT}/callbacks", api.list_callbacks),
        Method("ListStepEntries", "GET", f"/v1/{PARENT}/stepEntries", api.list_entries),
        Method("GetStepEntry", "GET", entry, api.get_entry),
        Method("TriggerPubsubExecution", "POST", trigger, api.trigger_by_pubsub, body="*"),
    ]


def callback_routes(cloud: Cloud, api: ExecutionsApi, started: asyncio.Event) -> list[BaseRoute]:
    """Each endpoint takes the one method that it was made for."""

    async def receive(request: Request) -> Json:
        await started.wait()
        caller = cloud.identity.caller(request.headers.get("authorization"))
        execution, _, callback = request.url.path.removeprefix("/v1/").partition("/callbacks/")
        found = payload(
            request.method,
            request.scope["raw_path"].decode("latin-1"),
            request.query_params,
            request.headers.items(),
            await request.body(),
            cloud.clock.now(),
        )
        await api.receive(caller, execution, callback, request.method, found)
        return {}

    return [route(method, CALLBACK, receive) for method in METHODS]


def _grpc(cloud: Cloud, handlers: Mapping[str, Handler]) -> Any:
    speaks = {
        "ListExecutions": ("ListExecutionsRequest", "ListExecutionsResponse"),
        "CreateExecution": ("CreateExecutionRequest", "Execution"),
        "GetExecution": ("GetExecutionRequest", "Execution"),
        "CancelExecution": ("CancelExecutionRequest", "Execution"),
    }
    rpcs = {
        name: Rpc(handlers[name], f"{MESSAGES}.{request}", f"{MESSAGES}.{answer}")
        for name, (request, answer) in speaks.items()
    }
    return grpc.handler("google.cloud.workflows.executions.v1.Executions", rpcs, cloud.identity)
