"""Both wires of the Workflows APIs on real ports, in a thread of their own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import uvicorn

from emulator.services import executions, workflows
from tests.emulator.drive.world import World


@contextmanager
def serving(make: Callable[[], World]) -> Iterator[tuple[str, str]]:
    """URL of REST and address of gRPC."""
    ready, found, ends = threading.Event(), [], []

    async def serve() -> None:
        world = make()
        await world.engine.start()
        services = [workflows.service(world.cloud), executions.service(world.cloud)]
        app = world.app(*(route for service in services for route in service.routes))
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        wire = grpc.aio.server()
        for service in services:
            wire.add_generic_rpc_handlers(service.grpc())
        port = wire.add_insecure_port("127.0.0.1:0")
        await wire.start()
        found.extend([f"http://127.0.0.1:{listener.getsockname()[1]}", f"127.0.0.1:{port}"])
        end = asyncio.Event()
        ends.append((asyncio.get_running_loop(), end))
        task = asyncio.create_task(server._serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        ready.set()
        await end.wait()
        server.should_exit = True
        await task
        await wire.stop(None)
        await world.engine.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(20)
        yield found[0], found[1]
    finally:
        loop, end = ends[0]
        loop.call_soon_threadsafe(end.set)
        thread.join(20)
