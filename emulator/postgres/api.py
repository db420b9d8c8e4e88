"""The emulator's own control of its Postgres: not Google's wire, so under /emulator."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulator.cloud import Cloud, Service
from emulator.errors import ApiError
from emulator.postgres.errors import PostgresError
from emulator.postgres.server import Server


def service(cloud: Cloud) -> Service:
    """Costs nothing until the first start is asked for."""
    server = Server(cloud.settings.data / "postgres")

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
        stop=server.stop,
    )
