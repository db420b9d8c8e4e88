"""1 GB up and down, beside a plain file copy over loopback HTTP in the same run (aim: at most 2 ×).

The plain server is the least that can be called one: it reads a body into a file and sends a
file by the kernel; it takes no checksums, while Storage owes an MD5 and a CRC32C of every byte.
The client is the same for both. `python -m bench.storage 5` takes 5 GB, and shows the emulator's
memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

from bench.measure import each, free_port, show, timed

ROOT = Path(__file__).parents[1]
BLOCK = 1024 * 1024
ROUNDS = 3


class Plain(BaseHTTPRequestHandler):
    """PUT keeps the body in the file that the path names, GET sends it."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        left, buffer = int(self.headers["content-length"]), memoryview(bytearray(BLOCK))
        with Path(self.path).open("wb", buffering=0) as file:
            while left:
                count = self.rfile.readinto(buffer[: min(BLOCK, left)])
                file.write(buffer[:count])
                left -= count
        self._head(0)

    def do_GET(self) -> None:
        with Path(self.path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._head(size)
            self.wfile.flush()
            self.connection.sendfile(file)

    def _head(self, size: int) -> None:
        self.send_response(200)
        self.send_header("content-length", str(size))
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def serve_plain(port: int) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Plain) as server:
        server.serve_forever()


@contextmanager
def plain() -> Iterator[str]:
    port = free_port()
    process = get_context("spawn").Process(target=serve_plain, args=(port,), daemon=True)
    process.start()
    try:
        for _ in range(200):
            with contextlib.suppress(ConnectionError):
                http.client.HTTPConnection("127.0.0.1", port).connect()
                break
            time.sleep(0.02)
        yield f"127.0.0.1:{port}"
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


def call(server: str, method: str, path: str, body: object = None, **headers: str) -> float:
    """Seconds until the whole answer is there; it goes to a file, as a download does."""
    connection = http.client.HTTPConnection(server, blocksize=BLOCK)
    began = time.perf_counter()
    connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})  # type: ignore[arg-type]
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.read(500)!r}")
    buffer = memoryview(bytearray(BLOCK))
    with Path(tempfile.gettempdir(), f"bench-{os.getpid()}").open("wb", buffering=0) as file:
        while count := answer.readinto(buffer):
            file.write(buffer[:count])
    connection.close()
    took = time.perf_counter() - began
    Path(file.name).unlink()
    return took


def send(server: str, method: str, path: str, source: Path) -> float:
    with source.open("rb") as file:
        return call(server, method, path, file, content_length=str(source.stat().st_size))


def peak(pid: int) -> float:
    """MiB of memory that the process held at most."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024


def compare(folder: Path, source: Path) -> None:
    with plain() as bare, emulator(folder / "data") as (server, pid):
        bucket = json.dumps({"name": "bench"})
        path = "/storage/v1/b?project=blocklift-local"
        call(server, "POST", path, bucket, content_type="application/json")
        before = peak(pid)
        up = "/upload/storage/v1/b/bench/o?uploadType=media&name=o"
        copy = str(folder / "copy")
        results = each(
            [
                lambda: send(bare, "PUT", copy, source),
                lambda: send(server, "POST", up, source),
                lambda: call(bare, "GET", copy),
                lambda: call(server, "GET", "/storage/v1/b/bench/o/o?alt=media"),
            ],
            ROUNDS if source.stat().st_size <= BLOCK * 1024 else 1,
        )
        show("upload to a plain server", results[0])
        show("upload to the emulator", results[1], results[0], "aim: ≤ 2 ×")
        show("  less its MD5, which one core alone takes", results[1] - md5(source), results[0])
        show("download from a plain server", results[2])
        show("download from the emulator", results[3], results[2], "aim: ≤ 2 ×")
        print(f"  the emulator held {peak(pid):.0f} MiB at most, {before:.0f} before the uploads")


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
        compare(Path(name), source)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
