"""The emulator's own control of its Postgres: not Google's wire, so under /emulator."""

from __future__ import annotations

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulator.cloud import Cloud, Service
from emulator.errors import ApiError
from emulator.postgres import schemas
from emulator.postgres.cluster import Connection
from emulator.postgres.errors import PostgresError
from emulator.postgres.server import Server
from emulator.wire import body

log = logging.getLogger(__name__)


def service(cloud: Cloud) -> Service:
    """Costs nothing until the first start is asked for."""
    server = Server(cloud.settings.data / "postgres")

    starting: set[asyncio.Task[None]] = set()

    async def as_before() -> None:
        """Runs that are started by HTTP or by a schedule find the database up again."""
        if server.used:
            task = asyncio.create_task(_start_or_log(server))
            starting.add(task)
            task.add_done_callback(starting.discard)

    async def get(_: Request) -> JSONResponse:
        return JSONResponse(server.state())

    async def start(_: Request) -> JSONResponse:
        return JSONResponse((await connection()).to_json())

    async def connection() -> Connection:
        try:
            return await server.start()
        except PostgresError as error:
            raise ApiError(error.status, str(error)) from error

    async def schema(request: Request) -> JSONResponse:
        given = await body(request)
        return JSONResponse(await schemas.create(await connection(), given.get("schema", "")))

    async def drop_schema(request: Request) -> JSONResponse:
        given = await body(request)
        return JSONResponse(await schemas.drop(await connection(), given.get("schema", "")))

    async def stop(_: Request) -> JSONResponse:
        await server.stop()
        return JSONResponse(server.state())

    return Service(
        name="postgres",
        routes=[
            Route("/emulator/v1/postgres", get),
            Route("/emulator/v1/postgres:start", start, methods=["POST"]),
            Route("/emulator/v1/postgres:stop", stop, methods=["POST"]),
            Route("/emulator/v1/postgres:schema", schema, methods=["POST"]),
            Route("/emulator/v1/postgres:dropSchema", drop_schema, methods=["POST"]),
        ],
        start=as_before,
        stop=server.stop,
    )


async def _start_or_log(server: Server) -> None:
    try:
        await server.start()
    except PostgresError as error:
        log.warning("%s", error)
