"""The methods of Logging v2, for either wire."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator
from typing import Any

from emulator.clock import unix
from emulator.cloud import Cloud, Json, Principal
from emulator.errors import ApiError, invalid
from emulator.filters import parse
from emulator.logbook import LogBook, Wanted
from emulator.rpc.listing import number, page
from emulator.rpc.method import Request

MOST = 1000
LONGEST_BUFFER = 60.0
SHARED = ("logName", "resource", "labels")


class Logging:
    """What may be done with a cloud's log."""

    def __init__(self, cloud: Cloud, book: LogBook) -> None:
        self._cloud = cloud
        self._book = book

    async def write(self, caller: Principal, request: Request) -> Json:
        whole = [_with_shared(entry, request) for entry in request.get("entries") or []]
        for entry in whole:
            self._allow(caller, "logging.logEntries.create", _project(entry["logName"]))
        if not request.get("dryRun"):
            for entry in whole:
                self._book.write(entry)
        return {}

    async def list_entries(self, caller: Principal, request: Request) -> Json:
        wanted = Wanted(
            self._prefixes(caller, request),
            parse(request.get("filter", "")),
            newest_first=_newest_first(request.get("orderBy", "")),
            after=_place(request.get("pageToken", "")),
        )
        size = min(number(request, "pageSize") or 50, MOST)
        found = list(itertools.islice(self._book.read(wanted), size + 1))
        answer: dict[str, Json] = {"entries": [entry for _, entry in found[:size]]}
        if len(found) > size:
            time, key = found[size - 1][0]
            answer["nextPageToken"] = f"{time}.{key}"
        return answer

    async def follow(
        self, caller: Principal, request: Request
    ) -> AsyncGenerator[list[dict[str, Json]]]:
        """What is written from now on, in batches that are never empty; it does not end."""
        prefixes, node = self._prefixes(caller, request), parse(request.get("filter", ""))
        _check_buffer(request.get("bufferWindow", ""))
        end = self._book.end()[1]
        while True:
            new = list(self._book.since(end))
            end = new[-1][0] if new else end
            told = [e for _, e in new if e["logName"].startswith(prefixes) and node(e)]
            if told:
                yield sorted(told, key=_time)
            else:
                await self._book.written.wait()

    async def list_logs(self, caller: Principal, request: Request) -> Json:
        parent = self._by_id(request["parent"])
        self._allow(caller, "logging.logs.list", parent)
        return page(request, self._book.logs(parent), "logNames", default=50, most=MOST)

    async def delete(self, caller: Principal, request: Request) -> Json:
        parent, _, log = request["logName"].partition("/logs/")
        self._allow(caller, "logging.logs.delete", parent)
        if not self._book.delete_log(f"{self._by_id(parent)}/logs/{log}"):
            raise ApiError("NOT_FOUND", f"Log {log} does not exist")
        return {}

    def _prefixes(self, caller: Principal, request: Request) -> tuple[str, ...]:
        """Of the logs of the projects that a reader names, and may read."""
        named = [f"projects/{project}" for project in request.get("projectIds") or ()]
        resources = [*(request.get("resourceNames") or ()), *named]
        if not resources:
            raise invalid("resource_names is required: projects/[PROJECT_ID]")
        for resource in resources:
            self._allow(caller, "logging.logEntries.list", _project(resource))
        return tuple(f"{self._by_id(resource)}/" for resource in resources)

    def _allow(self, caller: Principal, permission: str, resource: str) -> None:
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


def _check_buffer(text: str) -> None:
    """Logging: TailLogEntriesRequest.bufferWindow."""
    try:
        seconds = float(text.removesuffix("s") or 0)
    except ValueError:
        raise invalid(f"buffer_window is invalid: {text}") from None
    if not 0 <= seconds <= LONGEST_BUFFER:
        raise invalid("buffer_window must be between 0 and 60 seconds")


def _time(entry: dict[str, Any]) -> float:
    return unix(entry["timestamp"])
