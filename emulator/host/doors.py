"""How a request from the network reaches a service: by its host name, or by `/run/<service>/…`."""

from __future__ import annotations

from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.routing import Host as ByHost

from emulator.cloud import Answer, Call
from emulator.host import refusals
from emulator.host.front import MAX_REQUEST, Host

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
NOT_SENT = frozenset(("content-length", "connection", "transfer-encoding", "keep-alive"))


class TooLarge(Exception):
    """The body passed the limit before its end."""


class Ingress:
    """Routes of deployed services; they go before those of any API."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def routes(self) -> list[BaseRoute]:
        return [
            ByHost("{label}.run.app", app=self._by_name),
            ByHost("{label}.run.localhost", app=self._by_name),
            Route("/run/{service}", self._by_path, methods=METHODS),
            Route("/run/{service}/{path:path}", self._by_path, methods=METHODS),
        ]

    async def _by_name(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        service = self._host.service_of_host(request.headers.get("host", ""))
        response = await self._answer(request, service, raw_path(request))
        await response(scope, receive, send)

    async def _by_path(self, request: Request) -> Response:
        service = self._host.records.find(request.path_params["service"])
        _, _, _, *rest = raw_path(request).split("/", 3)
        return await self._answer(request, service, f"/{''.join(rest)}")

    async def _answer(self, request: Request, service: str | None, path: str) -> Response:
        if service is None:
            return response_of(refusals.unknown())
        try:
            body = await body_of(request)
        except TooLarge:
            return response_of(refusals.too_large())
        except ClientDisconnect:
            return Response(status_code=499)
        query = request.url.query
        target = f"{path}?{query}" if query else path
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        call = Call(request.method, target, headers, body)
        return response_of(await self._host.call_from_outside(service, call))


def raw_path(request: Request) -> str:
    """As the client wrote it, percent signs and all."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return path.partition(b"?")[0].decode("latin-1")


async def body_of(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_REQUEST:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


def response_of(answer: Answer) -> Response:
    headers = {name: value for name, value in answer.headers.items() if name not in NOT_SENT}
    return Response(answer.body, answer.code, headers)
