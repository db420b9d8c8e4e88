"""The door of the port: who may come in, which service answers, what a mistake looks like.

Plain ASGI, because the data path of every block goes through here.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.routing import Match, Route

from emulator.cloud import Claim, Service
from emulator.errors import ApiError
from emulator.projects import KnownProjects
from emulator.wire import refusal

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

log = logging.getLogger(__name__)

LOOPBACK = frozenset(
    {"127.0.0.1", "localhost", "[::1]", "metadata.google.internal", "169.254.169.254"}
)
OURS = (".run.app", ".run.localhost", ".localhost", ".googleapis.com")
_DEPLOYED = re.compile(rb"\.run\.(?:app|localhost)(?::\d+)?$")
_PORT = re.compile(r":\d+$")


class Front:
    """The ASGI app: guards, finds the route, turns errors into Google's JSON."""

    def __init__(
        self, services: Sequence[Service], projects: KnownProjects, allowed_hosts: Sequence[str]
    ) -> None:
        self._complete = False
        self._news = asyncio.Event()
        self._serve(services)
        self._projects = projects
        self._allowed = LOOPBACK | set(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = _Started(send)
        try:
            self._guard(scope["headers"])
            _mark_secure(scope)
            app = await self._app(scope)
            await app(scope, receive, started)
        except ApiError as error:
            await started.refuse(scope, receive, error)
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            await started.refuse(
                scope, receive, ApiError("INTERNAL", "Internal error encountered.")
            )

    def serve(self, services: Sequence[Service], *, complete: bool) -> None:
        """These are here now, and nothing else comes if they are all."""
        self._serve(services)
        self._complete = complete
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _serve(self, services: Sequence[Service]) -> None:
        self._table = _Table(services)
        self._mounts = [mount for service in services for mount in service.mounts.items()]
        self._claims = [service.claims for service in services if service.claims]
        self._leftovers = [service.leftovers for service in services if service.leftovers]

    async def _app(self, scope: Scope) -> Asgi:
        path: str = scope["path"]
        if self._is_deployed(scope["headers"]):
            while not self._complete:
                await self._news.wait()
            return self._table.find(scope)
        for prefix, app in self._mounts:
            if path.startswith(prefix):
                return app
        if claiming := _taker(self._claims, scope):
            return claiming
        scope["path"] = self._projects.by_id(path)
        return await self._found(scope)

    async def _found(self, scope: Scope) -> Asgi:
        while True:
            try:
                return self._table.find(scope)
            except ApiError:
                if app := _taker(self._leftovers, scope):
                    return app
                if self._complete:
                    raise
            await self._news.wait()

    def _is_deployed(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Meant for a deployed service, whatever its path looks like."""
        return any(name == b"host" and _DEPLOYED.search(value) for name, value in headers)

    def _guard(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """A page of a foreign site must not reach this port, by a name of its own that leads
        here (DNS rebinding) or by a request across sites.
        """
        for name, value in headers:
            if name == b"host" and not self._is_ours(value.decode("latin-1")):
                raise _foreign("Host", value)
            if name == b"origin" and not self._is_ours(value.decode("latin-1").partition("//")[2]):
                raise _foreign("Origin", value)
            if name == b"sec-fetch-site" and value == b"cross-site":
                raise _foreign("Sec-Fetch-Site", value)

    def _is_ours(self, host: str) -> bool:
        name = _PORT.sub("", host).lower()
        return name in self._allowed or name.endswith(OURS)


def _taker(claims: Sequence[Claim], scope: Scope) -> Asgi | None:
    return next((app for wants, app in claims if wants(scope)), None)


def _mark_secure(scope: Scope) -> None:
    """Who came by Google's own name came over TLS, and links in answers must lead there again."""
    for name, value in scope["headers"]:
        if name == b"host" and value.endswith(b".googleapis.com"):
            scope["scheme"] = "https"


class _Started:
    """`send`, and whether an answer is already on its way."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False

    async def __call__(self, message: Any) -> None:
        self._begun = True
        await self._send(message)

    async def refuse(self, scope: Scope, receive: Receive, error: ApiError) -> None:
        if self._begun:  # half an answer is out: only breaking the connection tells the client
            raise error
        await refusal(error)(scope, receive, self._send)


class _Table:
    """Routes by the first segment of their path, so that few patterns are tried per request."""

    def __init__(self, services: Sequence[Service]) -> None:
        routes = [(route, service.around) for service in services for route in service.routes]
        heads = {_head(route.path) for route, _ in routes if isinstance(route, Route)}
        self._by_head = {
            head: [
                (route, around)
                for route, around in routes
                if not isinstance(route, Route) or _head(route.path) in (head, None)
            ]
            for head in heads | {None}
        }

    def find(self, scope: Scope) -> Asgi:
        path = scope["path"]
        routes = self._by_head.get(_head(path), self._by_head[None])
        wrong_method = False
        for route, around in routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                return around(route.handle) if around else route.handle
            wrong_method = wrong_method or match is Match.PARTIAL
        if wrong_method:
            raise ApiError("NOT_FOUND", f"Method {scope['method']} is not supported for {path}.")
        raise ApiError("NOT_FOUND", f"The requested URL {path} was not found on this server.")


def _head(path: str) -> str | None:
    segment = path.split("/", 2)[1] if path.startswith("/") else ""
    return None if "{" in segment else segment


def _foreign(header: str, value: bytes) -> ApiError:
    shown = value.decode("latin-1")
    return ApiError("PERMISSION_DENIED", f"This emulator does not answer for {header}: {shown}")
