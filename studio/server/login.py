"""Logging in to a shared Studio: the page, the check of a guess, the cookie that it earns."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from studio.server.password import Guesses, Hashed, page

PATH = "/login"
LONGEST = 4096
POLICY = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}


@dataclass(slots=True)
class Login:
    """The way in for who knows the password."""

    password: Hashed
    guesses: Guesses = field(default_factory=Guesses)

    async def answer(self, scope: Scope, receive: Receive) -> Response | None:
        """A page; None when the guess was right."""
        if scope["method"] != "POST":
            return shown("", 200)
        address = (scope.get("client") or ("unknown",))[0]
        if self.guesses.too_many(address):
            return shown("Too many wrong passwords. Try again in a quarter of an hour.", 429)
        self.guesses.wrong(address)  # counted first: guesses side by side count too
        if await run_in_threadpool(self.password.matches, await given(scope, receive)):
            self.guesses.right(address)
            return None
        return shown("That is not the password.", 403)


def shown(message: str, status: int) -> Response:
    return HTMLResponse(page(message), status, headers=POLICY)


async def given(scope: Scope, receive: Receive) -> str:
    """The form's field; a body that is too long is no password."""
    body = b""
    async for chunk in Request(scope, receive).stream():
        body += chunk
        if len(body) > LONGEST:
            return ""
    return parse_qs(body.decode("latin-1"), keep_blank_values=True).get("password", [""])[0]


def to_the_page(scope: Scope, accept: str) -> RedirectResponse | None:
    """Whoever opens a page by hand is led to the log-in; scripts get the refusal."""
    wants_page = scope["method"] == "GET" and "text/html" in accept
    return RedirectResponse(PATH, 303) if wants_page else None
