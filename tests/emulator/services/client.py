"""An HTTP client of the two Workflows APIs, in the test's own event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx

from emulator.services import executions, workflows
from tests.emulator.drive.world import World

PARENT = "/v1/projects/demo-project/locations/europe-west1"


@asynccontextmanager
async def client_of(world: World, start: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    if start:
        await world.engine.start()
    services = [workflows.service(world.cloud), executions.service(world.cloud)]
    app = world.app(*(route for service in services for route in service.routes))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9999") as client:
        yield client


def as_account(email: str) -> dict[str, str]:
    return {"Authorization": f"Bearer access:{email}"}


Make = Callable[..., World]
Json = Any
