"""The emulator's own control of its Postgres: not Google's wire, so under /emulator."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulator.cloud import Cloud, Service
from emulator.errors import ApiError
from emulator.postgres import external, schemas
from emulator.postgres.cluster import Connection
from emulator.postgres.errors import PostgresError
from emulator.postgres.external import External
from emulator.postgres.server import Server
from emulator.wire import body

log = logging.getLogger(__name__)
T = TypeVar("T")


class Choice:
    """The embedded server, or the one that was named instead."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.embedded = Server(data / "postgres")

    @property
    def server(self) -> Server | External:
        url = external.kept(self._data)
        return External(url) if url else self.embedded

    async def use(self, url: str) -> dict[str, str | int | None]:
        """From now on the server of this URL, if it answers."""
        if url == external.EMBEDDED:
            external.keep(self._data, url)
            return self.server.state()
        await External(url).start()
        external.keep(self._data, url)
        await self.embedded.stop()
        return self.server.state()


def service(cloud: Cloud) -> Service:
    """Costs nothing until the first start is asked for."""
    choice = Choice(cloud.settings.data)

    starting: set[asyncio.Task[None]] = set()

    async def as_before() -> None:
        """Runs that are started by HTTP or by a schedule find the database up again."""
        if choice.server.used:
            task = asyncio.create_task(_start_or_log(choice.embedded))
            starting.add(task)
            task.add_done_callback(starting.discard)

    async def get(_: Request) -> JSONResponse:
        return JSONResponse(choice.server.state())

    async def start(_: Request) -> JSONResponse:
        return JSONResponse((await connection()).to_json())

    async def use(request: Request) -> JSONResponse:
        url = str((await body(request)).get("url", ""))
        return JSONResponse(await _told(choice.use(url)))

    async def connection() -> Connection:
        return await _told(choice.server.start())

    async def schema(request: Request) -> JSONResponse:
        given = await body(request)
        return JSONResponse(await schemas.create(await connection(), given.get("schema", "")))

    async def drop_schema(request: Request) -> JSONResponse:
        given = await body(request)
        return JSONResponse(await schemas.drop(await connection(), given.get("schema", "")))

    async def stop(_: Request) -> JSONResponse:
        await choice.server.stop()
        return JSONResponse(choice.server.state())

    return Service(
        name="postgres",
        routes=[
            Route("/emulator/v1/postgres", get),
            Route("/emulator/v1/postgres:start", start, methods=["POST"]),
            Route("/emulator/v1/postgres:use", use, methods=["POST"]),
            Route("/emulator/v1/postgres:stop", stop, methods=["POST"]),
            Route("/emulator/v1/postgres:schema", schema, methods=["POST"]),
            Route("/emulator/v1/postgres:dropSchema", drop_schema, methods=["POST"]),
        ],
        start=as_before,
        stop=choice.embedded.stop,
    )


async def _told(work: Awaitable[T]) -> T:
    """What is wrong, in Google's form."""
    try:
        return await work
    except PostgresError as error:
        raise ApiError(error.status, str(error)) from error


async def _start_or_log(server: Server) -> None:
    try:
        await server.start()
    except PostgresError as error:
        log.warning("%s", error)
