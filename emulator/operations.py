"""Long-running operations: work that goes on after the answer, and how clients ask about it."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Json
from emulator.errors import ApiError, not_found
from emulator.store import Store
from emulator.wire import page, route

Work = Callable[[dict[str, Json]], Awaitable[Json]]
LASTING = "operation-lasting"
"""Store: operations that a restart does not end."""
PATIENCE = 0.4
"""Seconds that a question about unfinished work waits for its end: clients poll each second."""

log = logging.getLogger(__name__)


class Board:
    """Every operation of this emulator; one `Desk` per API writes to it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._live: dict[str, dict[str, Json]] = {}

    def desk(self, api: str) -> Desk:
        return Desk(self, api)

    def get(self, name: str) -> dict[str, Json]:
        live = self._live.get(name)
        value: dict[str, Json] | None = live or self._store.get("operation", name)
        if value is None:
            raise not_found(name)
        return value

    def below(self, parent: str) -> list[dict[str, Json]]:
        return [value for _, value in self._store.list("operation", f"{parent}/operations/")]

    def put(self, operation: dict[str, Json]) -> None:
        self._store.put("operation", operation["name"], operation)

    def delete(self, name: str) -> None:
        if not self._store.delete("operation", name):
            raise not_found(name)

    def keep(self, name: str) -> None:
        """Its work survives a restart: whoever does it will `run` it again."""
        self._store.put(LASTING, name, True)

    def run(self, operation: dict[str, Json], work: Callable[[], Awaitable[Json]]) -> None:
        name = operation["name"]
        task = asyncio.get_running_loop().create_task(self._finish(operation, work))
        self._tasks[name] = task
        self._live[name] = operation

        def forget(_: object) -> None:
            del self._tasks[name], self._live[name]

        task.add_done_callback(forget)

    async def _finish(
        self, operation: dict[str, Json], work: Callable[[], Awaitable[Json]]
    ) -> None:
        try:
            operation["response"] = await work()
        except ApiError as error:
            operation["error"] = error.to_rpc()
        except Exception:
            log.exception("operation %s failed", operation["name"])
            operation["error"] = ApiError("INTERNAL", "Internal error encountered.").to_rpc()
        operation["done"] = True
        self.put(operation)
        self._store.delete(LASTING, operation["name"])

    async def wait(self, name: str, seconds: float) -> dict[str, Json]:
        """The operation, when it is done or after `seconds`."""
        if task := self._tasks.get(name):
            await asyncio.wait({task}, timeout=seconds)
        return self.get(name)

    def refresh(self, operation: dict[str, Json]) -> None:
        """Give up what a killed emulator left unfinished."""
        error = ApiError("ABORTED", "The operation was interrupted by a restart of the emulator.")
        self.put({**operation, "done": True, "error": error.to_rpc()})

    async def start(self) -> None:
        for name, operation in self._store.list("operation"):
            if not operation.get("done") and not self._store.get(LASTING, name):
                self.refresh(operation)

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Desk:
    """The operations of one API; names carry the API, as one port serves them all."""

    def __init__(self, board: Board, api: str) -> None:
        self._board = board
        self._api = api

    def _new(self, parent: str, metadata: Json) -> dict[str, Json]:
        name = f"{parent}/operations/{self._api}-{uuid.uuid4()}"
        return {"name": name, "metadata": metadata, "done": False}

    def done(self, parent: str, metadata: Json, response: Json) -> dict[str, Json]:
        operation = {**self._new(parent, metadata), "done": True, "response": response}
        self._board.put(operation)
        return operation

    def start(
        self, parent: str, metadata: Json, work: Work, *, lasting: bool = False
    ) -> dict[str, Json]:
        operation = self._new(parent, metadata)
        self._board.put(operation)
        if lasting:
            self._board.keep(operation["name"])
        self._board.run(operation, lambda: work(operation["metadata"]))
        return {**operation, "metadata": dict(metadata)}

    def resume(self, name: str, work: Work) -> None:
        operation = self._board.get(name)
        if not operation.get("done"):
            self._board.run(operation, lambda: work(operation["metadata"]))

    def get(self, name: str) -> dict[str, Json]:
        return self._board.get(name)


class OperationRoutes:
    """`…/operations/…` of every API on this port, regional and global, v1 to v3."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def routes(self) -> list[BaseRoute]:
        made: list[BaseRoute] = []
        for parent in ("projects/{project}/locations/{location}", "projects/{project}"):
            one = f"/{{version}}/{parent}/operations/{{operation}}"
            made += [
                route("POST", f"{one}:wait", self._wait),
                route("POST", f"{one}:cancel", self._cancel),
                route("GET", one, self._get),
                route("DELETE", one, self._delete),
                route("GET", f"/{{version}}/{parent}/operations", self._list),
            ]
        return [*made, route("GET", "/{version}/operations/{operation}", self._get)]

    async def _get(self, request: Request) -> Json:
        return await self._board.wait(_name(request), PATIENCE)

    async def _wait(self, request: Request) -> Json:
        return await self._board.wait(_name(request), 30)

    async def _cancel(self, request: Request) -> Json:
        self._board.get(_name(request))
        return {}

    async def _delete(self, request: Request) -> Json:
        self._board.delete(_name(request))
        return {}

    async def _list(self, request: Request) -> Json:
        parent = _name(request).removesuffix("/operations")
        return page(request, self._board.below(parent), "operations")


def _name(request: Request) -> str:
    path: Any = request.scope["path"]
    name: str = path.lstrip("/").partition("/")[2]
    return name.partition(":")[0]
