"""Mage's own API trigger on Mage's own port: passed on to the function that answers it.

So a URL that some other system already calls, `http://…:6789/api/pipeline_schedules/…`, goes on
working. The token in it is checked by that function, not here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2 as httpx
from starlette.requests import Request
from starlette.responses import Response

from deployer.naming import trigger_function_id
from studio.server.session import Session

PATIENCE = 60.0


def forward(session: Session) -> Callable[[Request], Any]:
    async def pass_on(request: Request) -> Response:
        workspace = session.workspace()
        service = trigger_function_id(workspace.project.name)
        url = workspace.target.reach(service, workspace.number, request.url.path)
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            answer = await client.post(
                url,
                content=await request.body(),
                headers={"Content-Type": request.headers.get("content-type", "application/json")},
            )
        kind = answer.headers.get("content-type", "application/json")
        return Response(answer.content, answer.status_code, media_type=kind)

    return pass_on
