"""Logging v2 on the REST port and the gRPC port."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json, Service
from emulator.logbook import LogBook
from emulator.rpc import grpc, rest
from emulator.rpc.grpc import EMPTY, Rpc
from emulator.rpc.method import Handler, Method
from emulator.services.logging import tail
from emulator.services.logging.api import Logging
from emulator.wire import body, route

SERVICE = "google.logging.v2.LoggingServiceV2"
MESSAGES = "google.cloud.logging_v2.types"
TAIL_PATIENCE = 10.0


def service(cloud: Cloud) -> Service:
    book = cloud.logs
    assert isinstance(book, LogBook)
    api = Logging(cloud, book)

    async def stop() -> None:
        book.close()

    return Service("logging", _routes(cloud, api), stop=stop, grpc=lambda: _grpc(cloud, api))


def _routes(cloud: Cloud, api: Logging) -> list[BaseRoute]:
    methods = [
        Method("WriteLogEntries", "POST", "/v2/entries:write", api.write, body="*"),
        Method("ListLogEntries", "POST", "/v2/entries:list", api.list_entries, body="*"),
        Method("ListLogs", "GET", "/v2/{parent=projects/*}/logs", api.list_logs),
    ]
    own = _Own(cloud, api)
    return [
        *rest.routes(methods, cloud.identity),
        route("POST", "/v2/entries:tail", own.tail),
        route("DELETE", "/v2/projects/{project}/logs/{log:path}", own.delete),
    ]


class _Own:
    """Routes that are not like others: one streams at Google's, one has slashes in its name."""

    def __init__(self, cloud: Cloud, api: Logging) -> None:
        self._caller = cloud.identity.caller
        self._api = api

    async def tail(self, http: HttpRequest) -> Json:
        """Google streams; here one answer comes as soon as there is something to tell."""
        caller = self._caller(http.headers.get("authorization"))
        async with aclosing(self._api.follow(caller, await body(http))) as following:
            try:
                told = await asyncio.wait_for(anext(following), TAIL_PATIENCE)
            except TimeoutError:
                told = []
        return [{"entries": told}]

    async def delete(self, http: HttpRequest) -> Json:
        params = http.path_params
        log = params["log"].replace("/", "%2F")
        name = {"logName": f"projects/{params['project']}/logs/{log}"}
        return await self._api.delete(self._caller(http.headers.get("authorization")), name)


def _grpc(cloud: Cloud, api: Logging) -> list[Any]:
    import grpc as library

    rpcs = {
        "WriteLogEntries": _rpc(api.write, "WriteLogEntries"),
        "ListLogEntries": _rpc(api.list_entries, "ListLogEntries"),
        "ListLogs": _rpc(api.list_logs, "ListLogs"),
        "DeleteLog": Rpc(api.delete, f"{MESSAGES}.DeleteLogRequest", EMPTY),
    }
    streaming = {"TailLogEntries": tail.handler(cloud.identity, api)}
    return [
        grpc.handler(SERVICE, rpcs, cloud.identity),
        library.method_handlers_generic_handler(SERVICE, streaming),
    ]


def _rpc(handler: Handler, name: str) -> Rpc:
    return Rpc(handler, f"{MESSAGES}.{name}Request", f"{MESSAGES}.{name}Response")
