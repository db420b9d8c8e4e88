"""Callback URLs of a workflow that runs alone: a port of its own while it runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from emulator.drive.payloads import payload
from emulator.drive.run import Run
from emulator.errors import ApiError

if TYPE_CHECKING:
    from aiohttp import web


class Doors:
    """Takes requests for the callbacks of one execution."""

    def __init__(self, execution: str) -> None:
        self.run: Run | None = None
        self._execution = execution
        self._runner: web.AppRunner | None = None

    async def open(self) -> str:
        """The URL that callback URLs start with."""
        from aiohttp import web

        app = web.Application()
        app.router.add_route("*", f"/v1/{self._execution}/callbacks/{{callback}}", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _take(self, request: web.Request) -> web.Response:
        from aiohttp import web

        assert self.run is not None
        found = payload(
            request.method,
            request.path,
            dict(request.query),
            list(request.headers.items()),
            await request.read(),
            self.run.clock.now(),
        )
        try:
            self.run.callbacks.receive(request.match_info["callback"], request.method, found)
        except ApiError as error:
            return web.json_response(error.to_json(), status=error.code)
        return web.json_response({})

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            await asyncio.sleep(0)
