"""The emulator's own API: how it is, what it runs."""

from __future__ import annotations

import os

from starlette.requests import Request

from emulator.clock import VirtualClock, rfc3339, unix
from emulator.cloud import Clock, Cloud, Json, Service, project_number
from emulator.errors import ApiError, invalid
from emulator.wire import body, route

VERSION = "0.1.0"


def service(cloud: Cloud) -> Service:
    settings = cloud.settings

    async def health(_: Request) -> Json:
        return {
            "ok": True,
            "complete": "complete" in cloud.parts,
            "version": VERSION,
            "pid": os.getpid(),
            "url": settings.url,
            "grpc": f"{settings.host}:{settings.grpc_port}",
            "data": str(settings.data),
            "project_id": settings.project_id,
            "project_number": project_number(settings.project_id),
            "region": settings.region,
            "transparent": cloud.parts.get("proxy", {}),
        }

    async def processes(_: Request) -> Json:
        from emulator.host import front

        return {"processes": front.of(cloud).processes()}

    async def clock(_: Request) -> Json:
        return {"now": rfc3339(cloud.clock.now()), "virtual": isinstance(cloud.clock, VirtualClock)}

    async def advance(request: Request) -> Json:
        return await moved(cloud.clock, await body(request))

    return Service(
        "control",
        [
            route("GET", "/emulator/v1/clock", clock),
            route("POST", "/emulator/v1/clock:advance", advance),
            route("GET", "/emulator/v1/health", health),
            route("GET", "/emulator/v1/processes", processes),
        ],
    )


async def moved(clock: Clock, given: dict[str, Json]) -> Json:
    """`{"seconds": 86400}` or `{"to": "2026-02-01T00:00:00Z"}`; answers when all that is due in
    the meantime has been done.
    """
    if not isinstance(clock, VirtualClock):
        message = "This emulator goes by the machine's clock. Start it with --clock virtual."
        raise ApiError("FAILED_PRECONDITION", message)
    try:
        until = unix(given["to"]) if "to" in given else clock.time + float(given["seconds"])
    except (KeyError, TypeError, ValueError):
        raise invalid("Say `seconds`, a number, or `to`, an RFC 3339 time.") from None
    if until < clock.time:
        raise invalid(f"It is {rfc3339(clock.time)} already: time does not go back.")
    woken = await clock.move(until)
    return {"now": rfc3339(clock.time), "virtual": True, "woken": woken}
