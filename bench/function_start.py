"""How fast the emulator starts and calls a function, beside bare functions-framework.

Cold: from nothing to the first answer of a function that imports pandas and pyarrow, in a
fresh interpreter and through the emulator's host. Warm: one empty call after the other.
Run with `python -m bench.function_start`.
"""

from __future__ import annotations

import http.client
import io
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from emulator.app import build
from emulator.cloud import Answer, Call, Settings
from emulator.host.front import Host, of
from emulator.host.records import Revision, uri_of
from emulator.services.iam.common import KIND, resource

SOURCE = """
import pandas as pd
import pyarrow.parquet

def hello(request):
    return str(len(pd.DataFrame({"a": [1]})))
"""
EMPTY = "def hello(request):\n    return 'ok'\n"
PARENT = "projects/blocklift-local/locations/europe-west1/services"
ACCOUNT = "bench@blocklift-local.iam.gserviceaccount.com"
COLD, WARM = 5, 500


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def bare(source: str) -> Iterator[int]:
    """functions-framework as its own command starts it; gives the port."""
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder, "main.py")
        main.write_text(source)
        port = free_port()
        command = [sys.executable, "-m", "functions_framework", "--target", "hello"]
        command += ["--source", str(main), "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
        )
        try:
            yield port
        finally:
            process.terminate()
            process.wait()


def answered(port: int) -> None:
    """Until the first answer."""
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/")
            assert connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()


def bare_cold() -> float:
    started = time.perf_counter()
    with bare(SOURCE) as port:
        answered(port)
        return time.perf_counter() - started


def bare_warm() -> float:
    """Seconds per call over one kept connection."""
    with bare(EMPTY) as port:
        answered(port)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        started = time.perf_counter()
        for _ in range(WARM):
            connection.request("POST", "/", b"{}")
            connection.getresponse().read()
        spent = time.perf_counter() - started
        connection.close()
    return spent / WARM


class Bench:
    """One emulator, its host used as Workflows uses it."""

    def __init__(self, folder: Path) -> None:
        self.app = build(Settings(data=folder))
        self.host: Host = of(self.app.cloud)

    async def deploy(self, name: str, source: str, requirements: str) -> Revision:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("main.py", source)
            archive.writestr("requirements.txt", requirements)
        file = self.host.workshop.data / f"{name}.zip"
        file.write_bytes(packed.getvalue())
        built = await self.host.workshop.build(file, {})
        service = f"{PARENT}/{name}"
        revision = Revision(
            f"{name}-00001-abc", service, built.source, built.file, "hello", ACCOUNT
        )
        await self.host.deploy(revision, {"name": service})
        known = resource("blocklift-local", ACCOUNT, {})
        self.app.cloud.store.put(KIND, known["name"], known)
        binding = {"role": "roles/run.invoker", "members": [f"serviceAccount:{ACCOUNT}"]}
        self.app.cloud.access.set_policy(service, {"bindings": [binding]})
        return revision

    async def call(self, revision: Revision) -> Answer:
        token = self.app.cloud.identity.id_token(ACCOUNT, uri_of(revision.service))
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return await self.host.call(revision.service, Call("POST", "/", headers, b"{}"), 60)

    async def cold(self, revision: Revision) -> float:
        await self.host.cool(revision.service)
        started = time.perf_counter()
        assert (await self.call(revision)).code == 200
        return time.perf_counter() - started

    async def warm(self, revision: Revision) -> float:
        await self.call(revision)
        started = time.perf_counter()
        for _ in range(WARM):
            await self.call(revision)
        return (time.perf_counter() - started) / WARM


async def hosted() -> tuple[float, list[float], float]:
    """Seconds of the first deployment, of cold calls, and of one warm call."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        await bench.app.start()
        try:
            started = time.perf_counter()
            heavy = await bench.deploy("heavy", SOURCE, "pandas\npyarrow\n")
            first = time.perf_counter() - started
            await bench.call(heavy)
            cold = [await bench.cold(heavy) for _ in range(COLD)]
            empty = await bench.deploy("empty", EMPTY, "")
            return first, cold, await bench.warm(empty)
        finally:
            await bench.app.stop()


def main() -> None:
    first, cold, warm = uvloop.run(hosted())
    alone = statistics.median(bare_cold() for _ in range(COLD))
    direct = bare_warm()
    host = statistics.median(cold)
    print("function start, pandas and pyarrow imported (median of 5)")
    print(f"  bare functions-framework, fresh interpreter  {alone * 1000:8.1f} ms")
    print(f"  through the emulator                         {host * 1000:8.1f} ms", end="")
    print(f"   {alone / host:.1f}x faster (aim: under 200 ms)")
    print(f"  (first function with these libraries: build and start {first * 1000:.0f} ms)")
    print(f"empty call, warm (mean of {WARM})")
    print(f"  bare functions-framework, kept connection    {direct * 1000:8.2f} ms")
    print(f"  through the emulator, token and logs         {warm * 1000:8.2f} ms", end="")
    print(f"   {warm / direct:.2f}x (aim: under 1 ms)")


if __name__ == "__main__":
    main()
