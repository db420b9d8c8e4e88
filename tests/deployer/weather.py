"""An emulator in this process whose answers can be spoiled, each call by its name.

Functions are built but not started, so a deploy costs no more than its calls.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.app import App
from emulator.cloud import Settings
from emulator.host.front import Host

CHANCE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|\b\d{4,}\b")
"""Parts of a name that are others each time."""
SILENT = 3.0
"""Seconds without an answer: longer than any client here waits for one."""
FAULTS = ("429", "500", "503", "timeout", "drop before", "drop after", "kill before", "kill after")
Call = tuple[str, int]
"""Method and place of a call, and how many of the same came before it."""


class Idle(Host):
    """Serves nothing: what is deployed here is never called."""

    def expect(self) -> None:
        pass

    async def deploy(self, revision: Any, record: Any) -> None:
        self.records.serve(revision, dict(record))


class Connection(HttpToolsProtocol):
    """Lets the app cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"cut": self.transport.abort}


@dataclass(slots=True)
class Weather:
    """What becomes of calls."""

    kind: str = ""
    at: Call | None = None
    lasting: bool = False
    """All later calls as well, as in an outage."""
    victim: int = 0
    """Process that is killed by a fault of that kind."""
    met: bool = False
    """Whether the call came that was to be spoiled."""
    seen: Counter[str] = field(default_factory=Counter)

    def reset(self, kind: str = "", at: Call | None = None, lasting: bool = False) -> None:
        self.kind, self.at, self.lasting = kind, at, lasting
        self.victim, self.met, self.seen = 0, False, Counter()

    def calls(self) -> list[Call]:
        return [(name, number) for name, count in self.seen.items() for number in range(count)]

    def spoils(self, scope: MutableMapping[str, Any]) -> bool:
        name = name_of(scope)
        number, self.seen[name] = self.seen[name], self.seen[name] + 1
        if (name, number) == self.at:
            self.met = True
            return True
        return self.met and self.lasting

    def around(self, inner: Any) -> Any:
        async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not self.spoils(scope):
                await inner(scope, receive, send)
            else:
                await self.spoil(inner, scope, receive, send)

        return app

    async def spoil(self, inner: Any, scope: Any, receive: Any, send: Any) -> None:
        if self.kind.isdigit():
            await refuse(send, int(self.kind))
            return
        if self.kind.endswith("after"):
            await inner(scope, receive, nowhere)
        if self.kind == "timeout":
            await asyncio.sleep(SILENT)
        if self.victim:
            with suppress(ProcessLookupError):  # another of its calls has met the same
                os.kill(self.victim, signal.SIGKILL)
        scope["extensions"]["cut"]()
        await asyncio.sleep(0)


async def nowhere(_: Any) -> None:
    """An answer that is lost."""


async def refuse(send: Any, code: int) -> None:
    error = {"error": {"code": code, "message": "bad weather", "status": "UNAVAILABLE"}}
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(error)})


def name_of(scope: MutableMapping[str, Any]) -> str:
    query = parse_qs(scope["query_string"].decode())
    words = [*query.get("name", ()), *query.get("prefix", ())]
    return CHANCE.sub("*", " ".join([scope["method"], scope["path"], *words]))


@dataclass(slots=True)
class Sky:
    """The emulator and its weather."""

    url: str
    weather: Weather
    app: App

    def left(self, prefix: str = "") -> set[tuple[str, str]]:
        """Kind and name of all that is there, but for what every cloud remembers for ever."""
        store = self.app.cloud.store
        found = {(kind, name) for kind in LASTING for name, _ in store.list(kind, prefix)}
        policies = dict(store.list("policy", prefix))
        return found | {
            (json.dumps(binding, sort_keys=True), name)
            for name, policy in policies.items()
            for binding in policy.get("bindings", ())
        }


LASTING = (
    *("function", "run-service", "run-job", "secret", "service-account", "workflow"),
    *("scheduler-job", "eventarc-trigger"),
)


@contextmanager
def under_the_sky(data: Path) -> Iterator[Sky]:
    listening = socket.create_server(("127.0.0.1", 0))
    settings = Settings(data=data, port=listening.getsockname()[1], check_answers=True)
    weather, app = Weather(), App(settings)
    app.cloud.host = Idle(app.cloud)
    config = uvicorn.Config(
        weather.around(app.cloud.asgi),
        http=Connection,
        lifespan="off",
        log_config=None,
        timeout_keep_alive=600,  # nothing is cut but what is meant to be
        timeout_graceful_shutdown=1,
    )
    server, ready = uvicorn.Server(config), threading.Event()

    async def serve() -> None:
        await app.start()
        ready.set()
        try:
            await server.serve(sockets=[listening])
        finally:
            await app.stop()

    thread = threading.Thread(target=lambda: uvloop.run(serve()))
    thread.start()
    try:
        assert ready.wait(60)
        yield Sky(settings.url, weather, app)
    finally:
        server.should_exit = True
        thread.join()
