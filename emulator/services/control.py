"""The emulator's own API: how it is, what it runs."""

from __future__ import annotations

import os

from starlette.requests import Request

from emulator.cloud import Cloud, Json, Service, project_number
from emulator.host import front
from emulator.wire import route

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
        }

    async def processes(_: Request) -> Json:
        return {"processes": front.of(cloud).processes()}

    return Service(
        "control",
        [
            route("GET", "/emulator/v1/health", health),
            route("GET", "/emulator/v1/processes", processes),
        ],
    )
