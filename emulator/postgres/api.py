"""The emulator's own control of its Postgres: not Google's wire, so under /emulator."""

from __future__ import annotations

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulator.cloud import Cloud, Service
from emulator.errors import ApiError
from emulator.postgres.errors import PostgresError
from emulator.postgres.server import Server

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
        try:
            return JSONResponse((await server.start()).to_json())
        except PostgresError as error:
            raise ApiError(error.status, str(error)) from error

    async def stop(_: Request) -> JSONResponse:
        await server.stop()
        return JSONResponse(server.state())

    return Service(
        name="postgres",
        routes=[
            Route("/emulator/v1/postgres", get),
            Route("/emulator/v1/postgres:start", start, methods=["POST"]),
            Route("/emulator/v1/postgres:stop", stop, methods=["POST"]),
        ],
        start=as_before,
        stop=server.stop,
    )


async def _start_or_log(server: Server) -> None:
    try:
        await server.start()
    except PostgresError as error:
        log.warning("%s", error)
