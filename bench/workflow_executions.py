"""Executions of workflows, each number beside a bare loop in the same run.

Aims: 2,000 http iterations a second, 100,000 assign steps a second with the journal on, a call
of a function in well under 2 ms of the engine's time, 1,000 executions at once in little
memory, start-up under half a second.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from bench.measure import free_port, timed
from emulator.app import App, build
from emulator.cloud import Answer, Call, Settings
from emulator.drive.build import engine_of
from emulator.drive.engine import Engine
from emulator.drive.names import ExecutionName, WorkflowName

ITERATIONS = 2000
AT_ONCE = 20
CALLS = 500
EXECUTIONS = 1000
STEPS = 90_000
ROUNDS = 3
FUNCTION = "load-1.europe-west1.run.app"
STUB = """
import asyncio, uvloop
BODY = b'{"ok":true}'
HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n"
class Stub(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        *whole, self.data = self.data.split(b"\\r\\n\\r\\n")
        self.transport.write((HEAD % len(BODY) + BODY) * len(whole))
async def main():
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
uvloop.run(main())
"""
FAN = """
- fan:
    parallel:
      for:
        value: i
        range: [1, {count}]
        steps:
          - get:
              call: http.get
              args: {{url: "{url}"}}
              result: r
"""
CHAIN = """
- each:
    for:
      value: i
      range: [1, {count}]
      steps:
        - call:
            call: http.post
            args: {{url: "https://{function}/", body: {{n: "${{i}}"}}}}
            result: r
"""
LOOP = """
- begin:
    assign: [{{n: 0}}]
- more:
    assign: [{{n: "${{n + 1}}"}}]
- again:
    switch:
      - condition: ${{n < {count}}}
        next: more
"""
WAIT = """
- wait:
    call: sys.sleep
    args: {seconds: 3600}
"""


class Empty:
    """A host with one function, which does nothing."""

    def service_of_host(self, host: str) -> str | None:
        return host if host == FUNCTION else None

    async def call(self, service: str, call: Call, timeout: float) -> Answer:
        return Answer(200, {"content-type": "application/json"}, b"{}")


class Cloud:
    """An emulator in this process, without its ports."""

    def __init__(self, folder: Path) -> None:
        self.app: App = build(Settings(folder))
        self.app.cloud.host = Empty()
        self.engine: Engine = engine_of(self.app.cloud)

    def deploy(self, name: str, source: str) -> WorkflowName:
        text = f"projects/bench-project/locations/europe-west1/workflows/{name}"
        workflow = WorkflowName.parse(text, self.app.cloud.projects)
        document = {"name": text, "revisionId": "000001-000", "sourceContents": source}
        self.engine.definitions.save(workflow, document)
        return workflow

    async def run(self, workflow: WorkflowName) -> float:
        began = time.perf_counter()
        made = self.engine.create(workflow, {})
        name = ExecutionName.parse(made["name"], self.app.cloud.projects)
        done = await self.engine.wait(name)
        if done["state"] != "SUCCEEDED":
            raise RuntimeError(done)
        return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, stub() as url:
        uvloop.run(_measure(Path(folder), url))
    started()


async def _measure(folder: Path, url: str) -> None:
    cloud = Cloud(folder)
    try:
        await iterations(cloud, url)
        await calls(cloud)
        await assigns(cloud)
        await at_once(cloud)
    finally:
        await cloud.engine.stop()
        cloud.app.cloud.store.close()


async def iterations(cloud: Cloud, url: str) -> None:
    flow = cloud.deploy("fan", FAN.format(count=ITERATIONS, url=url))
    mine, bare = await in_turn(lambda: cloud.run(flow), lambda: fetch(url))
    told("http iterations, 20 at once", ITERATIONS, mine, "bare aiohttp loop", bare)


async def fetch(url: str) -> float:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        numbers = iter(range(ITERATIONS))

        async def worker() -> None:
            for _ in numbers:
                async with session.get(url) as answer:
                    await answer.json()

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        return time.perf_counter() - began


async def calls(cloud: Cloud) -> None:
    flow = cloud.deploy("chain", CHAIN.format(count=CALLS, function=FUNCTION))
    host, call = Empty(), Call("POST", "/", {}, b"{}")

    async def bare() -> float:
        began = time.perf_counter()
        for _ in range(CALLS):
            await host.call(FUNCTION, call, 300)
        return time.perf_counter() - began

    mine, _ = await in_turn(lambda: cloud.run(flow), bare)
    print(f"  a call of a function: {mine / CALLS * 1000:.3f} ms of the engine's own time")


async def assigns(cloud: Cloud) -> None:
    flow = cloud.deploy("loop", LOOP.format(count=STEPS // 2))

    async def bare() -> float:
        variables: dict[str, Any] = {"n": 0}
        began = time.perf_counter()
        while variables["n"] < STEPS // 2:
            variables["n"] = variables["n"] + 1
        return time.perf_counter() - began

    mine, beside = await in_turn(lambda: cloud.run(flow), bare)
    told("assign and switch steps, journal on", STEPS, mine, "the same loop in Python", beside)


async def at_once(cloud: Cloud) -> None:
    flow = cloud.deploy("wait", WAIT)
    before, began = resident(), time.perf_counter()
    for _ in range(EXECUTIONS):
        cloud.engine.create(flow, {})
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    seconds, memory = time.perf_counter() - began - 0.1, resident() - before
    before = resident()
    tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(EXECUTIONS)]
    await asyncio.sleep(0)
    bare = resident() - before
    for task in tasks:
        task.cancel()
    print(
        f"  {EXECUTIONS:,} executions at once: {memory / EXECUTIONS / 1024:.1f} KB each "
        f"({bare / EXECUTIONS / 1024:.1f} KB for a bare task), "
        f"{EXECUTIONS / seconds:,.0f} started a second"
    )


async def in_turn(
    one: Callable[[], Awaitable[float]], other: Callable[[], Awaitable[float]]
) -> tuple[float, float]:
    """Medians of measurements taken in turn, so that a busy moment hits both."""
    taken = [(await one(), await other()) for _ in range(ROUNDS)]
    return median(a for a, _ in taken), median(b for _, b in taken)


def told(what: str, count: int, mine: float, other: str, beside: float) -> None:
    print(
        f"  {what}: {count / mine:,.0f} a second; {other}: {count / beside:,.0f}; "
        f"{mine / beside:.2f} × its time",
        flush=True,
    )


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@contextmanager
def stub() -> Iterator[str]:
    """A server in a process of its own that answers the same to everything."""
    command = [sys.executable, "-c", STUB]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def started() -> None:
    def emulator() -> None:
        ports = [f"--port={free_port()}", f"--grpc-port={free_port()}"]
        command = [sys.executable, "-m", "emulator", "start", "--ephemeral", *ports]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        ended.append(process)

    def server() -> None:
        code = "import uvicorn, starlette.applications"
        subprocess.run([sys.executable, "-c", code], check=True)

    ended: list[subprocess.Popen[bytes]] = []
    mine, bare = [], []
    for _ in range(ROUNDS):
        mine.append(timed(emulator))
        ended[-1].terminate()
        ended[-1].wait(20)
        bare.append(timed(server))
    print(
        f"  start-up: {median(mine) * 1000:.0f} ms; python importing uvicorn and starlette: "
        f"{median(bare) * 1000:.0f} ms; {median(mine) / median(bare):.2f} × its time"
    )
