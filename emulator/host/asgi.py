"""Asynchronous functions (`functions_framework.aio`) behind the same synchronous door.

One event loop per process, in a thread of its own, as in the cloud; each request waits for
its coroutine. Standard library only: this module is loaded inside function processes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

Asgi = Callable[[dict[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]


class AsgiDoor:
    """A WSGI application that asks an ASGI one."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        asked = self._ask(scope_of(environ), environ["wsgi.input"].read())
        code, headers, body = asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        start_response(f"{code} {HTTPStatus(code).phrase}", headers)
        return [body]

    async def _ask(
        self, scope: dict[str, Any], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        code, headers, parts = 500, [], []

        async def receive() -> dict[str, Any]:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            nonlocal code, headers
            if message["type"] == "http.response.start":
                code = message["status"]
                headers = [
                    (name.decode("latin-1"), value.decode("latin-1"))
                    for name, value in message.get("headers", ())
                ]
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        return code, headers, b"".join(parts)


def scope_of(environ: dict[str, Any]) -> dict[str, Any]:
    headers = [
        (name[5:].replace("_", "-").lower().encode(), value.encode("latin-1", "replace"))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    headers += [
        (b"content-type", environ["CONTENT_TYPE"].encode("latin-1", "replace")),
        (b"content-length", environ["CONTENT_LENGTH"].encode()),
    ]
    path = environ["RAW_URI"].partition("?")[0]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": unquote(path),
        "raw_path": path.encode("latin-1", "replace"),
        "query_string": environ["QUERY_STRING"].encode("latin-1", "replace"),
        "root_path": "",
        "headers": headers,
        "client": (environ["REMOTE_ADDR"], 0),
        "server": (environ["SERVER_NAME"], 8080),
    }
