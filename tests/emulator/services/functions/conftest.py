"""An emulator that is really served, and Google's own client in front of it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import uvicorn
import uvloop
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import functions_v2

from emulator.app import build
from emulator.cloud import Settings


class Served:
    """A running emulator."""

    def __init__(self, data: Path) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.settings = Settings(data=data, port=self._socket.getsockname()[1])
        self.app = build(self.settings)
        config = uvicorn.Config(
            self.app.cloud.asgi,  # type: ignore[arg-type]  # uvicorn wants its own scope classes
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(10)
        self.url = self.settings.url
        self.http = httpx.Client(base_url=self.url, timeout=30)
        self.functions = functions_v2.FunctionServiceClient(
            transport="rest",
            client_options=ClientOptions(api_endpoint=self.url),
            credentials=AnonymousCredentials(),
        )

    def _run(self) -> None:
        uvloop.run(self._serve())

    async def _serve(self) -> None:
        await self.app.start()
        self._ready.set()
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            await self.app.stop()

    def stop(self) -> None:
        self.http.close()
        with contextlib.suppress(AttributeError):
            self.functions.transport.close()
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._socket.close()


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served") / "data")
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def served(running: Served) -> Iterator[Served]:
    """An emulator without functions; what a test leaves there is deleted after it."""
    yield running
    anywhere = "projects/blocklift-local/locations/-"
    for function in running.functions.list_functions(parent=anywhere):
        running.functions.delete_function(name=function.name).result(timeout=30)
