"""Who may talk to Studio: it runs code, so no web page that the user visits may reach it.

Every request must name this machine in Host (no DNS rebinding) and, when a browser says where
it comes from, the same origin (no cross-site requests). Everything but the start-up URL needs
the session token, which lives in a cookie that scripts cannot read; a shared Studio also takes
its password for it. Pages come with a content
security policy that runs only our own files.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.server.login import PATH, Login, to_the_page

COOKIE = "studio"
BODY_LIMIT = 8 * 1024 * 1024
OPEN_PATHS = re.compile(r"/(favicon\.svg|api/pipeline_schedules/[^/]+/pipeline_runs/[^/]+)")
"""Mage's API trigger carries a token of its own, checked by the function behind it."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""Inline styles stay allowed: the code editor and the graph place things with them."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets a browser in: the names that this server goes by, and its session token."""

    hosts: frozenset[str]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    login: Login | None = None
    """Of a Studio that is shared beyond this machine."""
    port: int = 0
    """Shared on all addresses: any literal address with this port will do as Host, since a
    name that somebody else's DNS points here is never one."""

    @classmethod
    def on(cls, port: int, names: Iterable[str] = ("127.0.0.1", "localhost", "[::1]")) -> Pass:
        return cls(frozenset(f"{name}:{port}" for name in names))

    def admits(self, host: str) -> bool:
        return host in self.hosts or bool(self.port and is_address(host, self.port))

    def holds(self, given: str) -> bool:
        return hmac.compare_digest(self.token.encode(), given.encode())


class Guard:
    """The door in front of every route."""

    def __init__(self, app: ASGIApp, door: Pass) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self.refusal(scope, headers) or self.entry(scope)
        if answer is None and self.door.login and scope["path"] == PATH:
            answer = await self.door.login.answer(scope, receive) or self.welcome("/")
        if answer is None and self.door.login and not self.known(scope, headers):
            answer = to_the_page(scope, headers.get("accept", ""))
        if answer is not None:
            await answer(scope, receive, with_headers(send))
        elif not self.known(scope, headers):
            await refused(401, "This page needs Studio's start-up address").__call__(
                scope, receive, with_headers(send)
            )
        else:
            await self.app(scope, limited(receive), with_headers(send))

    def refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """A foreign Host, a foreign page, or a body that is too large."""
        host = headers.get("host", "")
        if not self.door.admits(host):
            return refused(403, "Studio answers only to this machine's own names")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return refused(403, "Another site's page may not talk to Studio")
        foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        if foreign and scope["method"] != "GET":
            return refused(403, "Another site's page may not talk to Studio")
        if int(headers.get("content-length") or 0) > BODY_LIMIT:
            return refused(413, "Studio takes at most 8 MB at once")
        return None

    def entry(self, scope: Scope) -> RedirectResponse | None:
        """The start-up URL: trade its token for a cookie, and take it out of the address."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not given or scope["method"] != "GET" or not self.door.holds(given):
            return None
        return self.welcome(scope["path"])

    def welcome(self, path: str) -> RedirectResponse:
        answer = RedirectResponse(path, 303)
        answer.set_cookie(COOKIE, self.door.token, httponly=True, samesite="strict", path="/")
        return answer

    def known(self, scope: Scope, headers: Headers) -> bool:
        if OPEN_PATHS.fullmatch(scope["path"]):
            return True
        given = headers.get("x-studio-token") or cookie_parser(headers.get("cookie", "")).get(
            COOKIE, ""
        )
        return self.door.holds(given)


def is_address(host: str, port: int) -> bool:
    name, _, number = host.rpartition(":")
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return number == str(port)


def refused(status: int, message: str) -> JSONResponse:
    hint = "Open the address that `blocklift up` printed." if status == 401 else ""
    return JSONResponse({"error": {"message": message, "hint": hint}}, status)


def with_headers(send: Send) -> Send:
    """Add the security headers to whatever is answered; keep a longer cache rule of assets."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def limited(receive: Receive) -> Receive:
    """Bodies without a length are counted as they come."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_LIMIT:
            return {"type": "http.disconnect"}
        return message

    return receiving
