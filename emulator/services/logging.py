"""Logging v2: entries written, listed and followed."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json, Service
from emulator.errors import ApiError, invalid
from emulator.filters import parse
from emulator.logbook import LogBook, Wanted
from emulator.wire import body, page, route

TAIL_PATIENCE = 10.0
SHARED = ("logName", "resource", "labels")


def service(cloud: Cloud) -> Service:
    book = cloud.logs
    assert isinstance(book, LogBook)

    async def stop() -> None:
        book.close()

    return Service("logging", Logging(cloud, book).routes(), stop=stop)


class Logging:
    """Handlers of `/v2/entries…` and `/v2/<parent>/logs`."""

    def __init__(self, cloud: Cloud, book: LogBook) -> None:
        self._cloud = cloud
        self._book = book

    def routes(self) -> list[BaseRoute]:
        return [
            route("POST", "/v2/entries:write", self._write),
            route("POST", "/v2/entries:list", self._list),
            route("POST", "/v2/entries:tail", self._tail),
            route("GET", "/v2/projects/{project}/logs", self._logs),
            route("DELETE", "/v2/projects/{project}/logs/{log:path}", self._delete),
        ]

    async def _write(self, request: Request) -> Json:
        given = await body(request)
        entries = given.get("entries") or []
        whole = [_with_shared(entry, given) for entry in entries]
        for entry in whole:
            self._allow(request, "logging.logEntries.create", _project(entry["logName"]))
        if not given.get("dryRun"):
            for entry in whole:
                self._book.write(entry)
        return {}

    async def _list(self, request: Request) -> Json:
        given = await body(request)
        resources = given.get("resourceNames") or [f"projects/{p}" for p in given["projectIds"]]
        for resource in resources:
            self._allow(request, "logging.logEntries.list", _project(resource))
        wanted = Wanted(
            tuple(f"{self._by_id(r)}/" for r in resources),
            parse(given.get("filter", "")),
            newest_first=_newest_first(given.get("orderBy", "")),
            after=_place(given.get("pageToken", "")),
        )
        size = min(int(given.get("pageSize") or 50), 1000)
        found = list(itertools.islice(self._book.read(wanted), size + 1))
        answer: dict[str, Json] = {"entries": [entry for _, entry in found[:size]]}
        if len(found) > size:
            time, key = found[size - 1][0]
            answer["nextPageToken"] = f"{time}.{key}"
        return answer

    async def _tail(self, request: Request) -> Json:
        """Google streams; here one answer comes as soon as there is something to tell."""
        given = await body(request)
        node, end = parse(given.get("filter", "")), self._book.end()[1]
        prefixes = tuple(f"{self._by_id(r)}/" for r in given.get("resourceNames", ()))
        for resource in given.get("resourceNames", ()):
            self._allow(request, "logging.logEntries.list", _project(resource))
        deadline = asyncio.get_running_loop().time() + TAIL_PATIENCE
        while True:
            new = list(self._book.since(end))
            end = new[-1][0] if new else end
            told = [e for _, e in new if e["logName"].startswith(prefixes or "") and node(e)]
            left = deadline - asyncio.get_running_loop().time()
            if told or left <= 0:
                return [{"entries": told}]
            await _wait(self._book.written, left)

    async def _logs(self, request: Request) -> Json:
        parent = f"projects/{request.path_params['project']}"
        self._allow(request, "logging.logs.list", parent)
        return page(request, self._book.logs(parent), "logNames", default=50)

    async def _delete(self, request: Request) -> Json:
        params = request.path_params
        parent = f"projects/{params['project']}"
        self._allow(request, "logging.logs.delete", parent)
        log = params["log"].replace("/", "%2F")
        if not self._book.delete_log(f"{parent}/logs/{log}"):
            raise ApiError("NOT_FOUND", f"Log {log} does not exist")
        return {}

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)

    def _by_id(self, resource: str) -> str:
        kind, _, name = resource.partition("/")
        return f"{kind}/{self._cloud.projects.id_of(name)}"


def _with_shared(entry: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What the request says for all entries, where an entry does not say it itself."""
    whole = {**{key: given[key] for key in SHARED if given.get(key)}, **entry}
    if given.get("labels"):
        whole["labels"] = {**given["labels"], **(entry.get("labels") or {})}
    if "/logs/" not in whole.get("logName", ""):
        raise invalid("Log name is required: projects/[PROJECT_ID]/logs/[LOG_ID]")
    return whole


def _project(name: str) -> str:
    return "/".join(name.split("/")[:2])


def _newest_first(order: str) -> bool:
    if order.strip() not in ("", "timestamp", "timestamp asc", "timestamp desc"):
        raise invalid(f"orderBy must be 'timestamp asc' or 'timestamp desc', not '{order}'")
    return order.strip().endswith("desc")


def _place(token: str) -> tuple[int, int] | None:
    time, dot, key = token.partition(".")
    if not token:
        return None
    if not (time.isdigit() and dot and key.isdigit()):
        raise invalid("page_token is invalid")
    return int(time), int(key)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
