"""1 GB up and down, beside a plain file copy over loopback HTTP in the same run (aim: at most 2 ×).

The plain server is aiohttp, as one would write it: a body goes to a file in the pieces in which
it comes, a file goes out by `FileResponse`, so by the kernel. It takes no checksums, while Storage
owes an MD5 and a CRC32C of every byte. The client is the same for both (the standard library's),
and does what Google's does: it takes the CRC32C of what it sends and receives. A download is
written to a file. Two servers and a client share the machine's processors, so on a busy machine
the seconds say little: a loopback socket holds about 2 MB, so for 1 GB server and client take turns
some 600 times, and each time the other has to wait for a processor. A plain server's download then
takes many times the processor time of both. So the machine's load is told first, and the server's
own processor time stands beside the seconds.
`python -m bench.storage 5` takes 5 GB, and shows the emulator's memory.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import BinaryIO
from urllib.parse import urlsplit

import google_crc32c

from bench.measure import each, processor, show, timed

ROOT = Path(__file__).parents[1]
BLOCK = 1024 * 1024
ROUNDS = 3


def serve_plain(listening: socket.socket) -> None:
    """PUT keeps the body in the file that the path names, GET sends it."""
    from aiohttp import web

    async def put(request: web.Request) -> web.Response:
        with Path(request.path).open("wb", buffering=0) as file:
            async for chunk in request.content.iter_any():
                file.write(chunk)
        return web.Response()

    async def get(request: web.Request) -> web.FileResponse:
        return web.FileResponse(request.path)

    app = web.Application(client_max_size=0)
    app.add_routes([web.put("/{path:.*}", put), web.get("/{path:.*}", get)])
    web.run_app(app, sock=listening, print=None, access_log=None)


@contextmanager
def plain() -> Iterator[tuple[str, int]]:
    """(host and port, process id)"""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = get_context("fork").Process(target=serve_plain, args=(listening,), daemon=True)
        process.start()
        try:
            assert process.pid
            yield f"127.0.0.1:{listening.getsockname()[1]}", process.pid
        finally:
            process.terminate()
            process.join()


@contextmanager
def emulator(data: Path) -> Iterator[tuple[str, int]]:
    """(host and port, process id)"""
    command = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]
    process = subprocess.Popen(
        [*command, f"--data={data}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        url = process.stdout.readline().split()[2].rstrip(",")
        yield urlsplit(url).netloc, process.pid
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


class Summed:
    """A file that is sent, and the checksum of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.crc = 0

    def read(self, size: int = BLOCK, /) -> bytes:
        data = self._file.read(size)
        self.crc = google_crc32c.extend(self.crc, data)
        return data


def call(
    server: str, method: str, path: str, body: str | Summed | None = None, **headers: str
) -> float:
    """Seconds until the whole answer is there; it goes to a file, as a download does."""
    connection = http.client.HTTPConnection(server, blocksize=BLOCK)
    began, crc = time.perf_counter(), 0
    connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.read(500)!r}")
    with tempfile.TemporaryFile(buffering=0) as file:
        while data := answer.read(BLOCK):
            file.write(data)
            crc = google_crc32c.extend(crc, data)
        took = time.perf_counter() - began
    connection.close()
    return took


def send(server: str, method: str, path: str, source: Path) -> float:
    with source.open("rb") as file:
        return call(server, method, path, Summed(file), content_length=str(source.stat().st_size))


def peak(pid: int) -> float:
    """MiB of memory that the process held at most."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024


def compare(folder: Path, source: Path) -> None:
    with plain() as (bare, bare_pid), emulator(folder / "data") as (server, pid):
        bucket = json.dumps({"name": "bench"})
        path = "/storage/v1/b?project=blocklift-local"
        call(server, "POST", path, bucket, content_type="application/json")
        before = peak(pid)
        up = "/upload/storage/v1/b/bench/o?uploadType=media&name=o"
        copy = str(folder / "copy")
        spent: dict[str, list[float]] = {}
        works = {
            "upload to a plain server": (bare_pid, lambda: send(bare, "PUT", copy, source)),
            "upload to the emulator": (pid, lambda: send(server, "POST", up, source)),
            "download from a plain server": (bare_pid, lambda: call(bare, "GET", copy)),
            "download from the emulator": (
                pid,
                lambda: call(server, "GET", "/storage/v1/b/bench/o/o?alt=media"),
            ),
        }
        rounds = ROUNDS if source.stat().st_size <= BLOCK * 1024 else 1
        measured = [noting(spent.setdefault(name, []), *work) for name, work in works.items()]
        results = dict(zip(works, each(measured, rounds), strict=True))
        tell(results, spent)
        show("  an MD5 alone, on one processor", md5(source))
        print(f"  the emulator held {peak(pid):.0f} MiB at most, {before:.0f} before the uploads")


def noting(spent: list[float], pid: int, work: Callable[[], float]) -> Callable[[], float]:
    """The same work, with the server's processor time beside it."""

    def noted() -> float:
        os.sync()  # what was written earlier must not be written now
        before = processor(pid)
        seconds = work()
        spent.append(processor(pid) - before)
        return seconds

    return noted


def busy() -> str:
    """What else the machine does: with more work than processors the seconds say little."""
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    word = ": busy, compare the processor times" if load > processors / 2 else ""
    return f"load {load:.1f} on {processors} processors{word}"


def tell(results: Mapping[str, float], spent: Mapping[str, Sequence[float]]) -> None:
    beside: float | None = None
    for name, seconds in results.items():
        beside = None if "plain" in name else beside
        show(name, seconds, beside, f"server's processor {median(spent[name]):.2f} s")
        beside = seconds
    print("  aim: ≤ 2 ×", flush=True)


def md5(source: Path) -> float:
    def work() -> None:
        with source.open("rb") as file:
            hashlib.file_digest(file, "md5")

    return timed(work)


def main(gigabytes: int = 1) -> None:
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "source")
        with source.open("wb") as file:
            for _ in range(gigabytes * 1024):
                file.write(os.urandom(BLOCK))
        print(f"  {busy()}", flush=True)
        compare(Path(name), source)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
