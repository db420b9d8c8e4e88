"""Serve one emulator: REST by uvicorn, gRPC beside it, from the first byte to a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import uvicorn

from emulator.app import App
from emulator.cloud import Settings
from emulator.corked import CorkedProtocol

log = logging.getLogger(__name__)


def listen(host: str, port: int, any_port: bool = False) -> socket.socket:
    """A bound socket, so that the port is known before anything is built on it."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        if not any_port:
            listening.close()
            raise
        listening.bind((host, 0))
    listening.listen(1024)
    return listening


def reserve(host: str, port: int, any_port: bool = False) -> socket.socket:
    """A port kept for gRPC, which binds it once more: bound but not listening it takes no call."""
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        kept.bind((host, port))
    except OSError:
        if not any_port:
            kept.close()
            raise
        kept.bind((host, 0))
    return kept


DEADLINE = 6.0
"""Seconds that tidying up may take after a signal."""


def leave_after(seconds: float) -> None:
    """End the process then, whatever it still waits for. What is kept is safe at any moment: rows
    and journals are written before they are answered for; functions end with their host.
    """

    def leave() -> None:
        log.warning("ended after %s s without waiting for what still runs", seconds)
        os._exit(0)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


class _Rest(uvicorn.Server):
    """uvicorn, leaving signals to us: its own way ends the process before we have tidied up."""

    def __init__(self, config: uvicorn.Config, deadline: float) -> None:
        super().__init__(config)
        self._deadline = deadline

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
        yield

    def _end(self) -> None:
        if not self.should_exit:
            leave_after(self._deadline)
        self.force_exit = self.should_exit
        self.should_exit = True


class Server:
    """The servers around one `App`."""

    def __init__(
        self, settings: Settings, listening: socket.socket, deadline: float = DEADLINE
    ) -> None:
        self.app = App(settings)
        self._settings = settings
        self._listening = listening
        config = uvicorn.Config(
            self.app.cloud.asgi,  # type: ignore[arg-type]  # uvicorn wants its own scope classes
            loop="none",
            http=CorkedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
            timeout_keep_alive=75,
        )
        self._uvicorn = _Rest(config, deadline)
        self._grpc: Any = None

    def run(self, ready: Callable[[], None]) -> None:
        """Until a signal; `ready` is called once REST answers."""
        import uvloop

        uvloop.run(self.serve(ready))

    async def serve(self, ready: Callable[[], None]) -> None:
        await self.app.start_early()
        try:
            started = asyncio.create_task(self._once_started(ready))
            await self._uvicorn.serve(sockets=[self._listening])
            self.app.ending = True
            await asyncio.gather(started, return_exceptions=True)
        finally:
            if self._grpc is not None:
                await self._grpc.stop(grace=0.5)
            await self.app.stop()

    def stop(self) -> None:
        self._uvicorn.should_exit = True

    async def _once_started(self, ready: Callable[[], None]) -> None:
        while not self._uvicorn.started:
            await asyncio.sleep(0.002)
        ready()
        try:
            await self.app.start_late()
            if not self.app.ending:
                await self._start_grpc()
        except Exception:
            log.exception("not everything is served")

    async def _start_grpc(self) -> None:
        parts = [service.grpc for service in self.app.services if service.grpc]
        if not parts:
            return
        aio = await asyncio.to_thread(import_module, "grpc.aio")
        handlers = [h for part in parts for h in await asyncio.to_thread(_handlers, part)]
        self._grpc = aio.server(options=[("grpc.max_receive_message_length", -1)])
        self._grpc.add_generic_rpc_handlers(handlers)
        self._grpc.add_insecure_port(f"{self._settings.host}:{self._settings.grpc_port}")
        await self._grpc.start()


def _handlers(part: Callable[[], Sequence[Any]] | Sequence[Any]) -> Sequence[Any]:
    return part() if callable(part) else part
