"""The emulator killed in the middle of uploads: acknowledged objects are whole, others absent.

Each round starts it on the same data, sends uploads of every kind from several clients, kills it
with -9 after some have been acknowledged, and looks at the next start.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import urllib3
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

ROOT = Path(__file__).parents[4]
QUANTUM = 256 * 1024


class Killable:
    """An emulator process on a folder, and what it has acknowledged."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]
        self.process = subprocess.Popen(
            [*command, f"--data={data}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().split()[2].rstrip(",")
        self.http = urllib3.PoolManager(maxsize=16)

    def call(self, method: str, path: str, body: bytes = b"", **headers: str):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("http") else self.url + path
        return self.http.request(method, url, body=body, headers=sent, retries=False)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
        self.http.clear()


def one_request(emulator: Killable, name: str, data: bytes) -> bool:
    path = f"/upload/storage/v1/b/killed/o?uploadType=media&name={name}"
    return emulator.call("POST", path, data).status == 200


def resumable(emulator: Killable, name: str, data: bytes) -> bool:
    path = f"/upload/storage/v1/b/killed/o?uploadType=resumable&name={name}"
    where = emulator.call("POST", path, b"{}").headers["location"]
    for at in range(0, len(data), QUANTUM):
        chunk = data[at : at + QUANTUM]
        span = f"bytes {at}-{at + len(chunk) - 1}/{len(data)}"
        answer = emulator.call("PUT", where, chunk, content_range=span)
    return answer.status == 200


def composed(emulator: Killable, name: str, data: bytes) -> bool:
    half = len(data) // 2
    for part, piece in (("1", data[:half]), ("2", data[half:])):
        one_request(emulator, f"{name}.{part}", piece)
    body = b'{"sourceObjects":[{"name":"%b.1"},{"name":"%b.2"}]}' % ((name.encode(),) * 2)
    path = f"/storage/v1/b/killed/o/{name}/compose"
    return emulator.call("POST", path, body).status == 200


KINDS = (one_request, resumable, composed)


def round_of(data: Path, number: int, digests: dict[str, str], patience: int) -> set[str]:
    """Names that were acknowledged before the kill; `digests` learns of all that were tried."""
    emulator, known, enough = Killable(data), set[str](), threading.Event()
    bucket = b'{"name":"killed"}'
    path = "/storage/v1/b?project=blocklift-local"
    emulator.call("POST", path, bucket, content_type="application/json")

    def work(kind: int) -> None:
        for count in range(1000):
            name, body = f"{number}-{kind}-{count}", os.urandom(QUANTUM * 3 + number)
            digests[name] = hashlib.sha256(body).hexdigest()
            try:
                if not KINDS[kind](emulator, name, body):
                    return
            except (urllib3.exceptions.HTTPError, KeyError):
                return
            known.add(name)
            if len(known) >= patience:
                enough.set()

    clients = [threading.Thread(target=work, args=(kind,)) for kind in range(len(KINDS))]
    for client in clients:
        client.start()
    assert enough.wait(60)
    emulator.kill()
    for client in clients:
        client.join()
    return known


def check(data: Path, known: set[str], digests: dict[str, str]) -> None:
    emulator = Killable(data)
    try:
        path = "/storage/v1/b/killed/o?fields=items(name)&maxResults=1000"
        there: set[str] = set()
        token = ""
        while True:
            page = emulator.call("GET", path + token).json()
            there |= {item["name"] for item in page.get("items", ())}
            if "nextPageToken" not in page:
                break
            token = f"&pageToken={page['nextPageToken']}"
        assert known <= there
        for name in there & digests.keys():
            got = emulator.call("GET", f"/storage/v1/b/killed/o/{name}?alt=media")
            assert hashlib.sha256(got.data).hexdigest() == digests[name], name
    finally:
        emulator.kill()


def kill_often(data: Path, rounds: int) -> None:
    known: set[str] = set()
    digests: dict[str, str] = {}
    for number in range(rounds):
        known |= round_of(data, number, digests, patience=3 + number % 7)
    check(data, known, digests)


def test_a_few_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 3)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 50)


def test_an_upload_goes_on_after_a_kill(tmp_path: Path) -> None:
    """What was acknowledged by `Range` is there; the client sends the rest to the new process."""
    first = Killable(tmp_path)
    first.call("POST", "/storage/v1/b?project=p-roject", b'{"name":"killed"}')
    path = "/upload/storage/v1/b/killed/o?uploadType=resumable&name=o"
    where = first.call("POST", path, b"{}").headers["location"].removeprefix(first.url)
    data = os.urandom(QUANTUM + 10)
    span = f"bytes 0-{QUANTUM - 1}/{len(data)}"
    assert first.call("PUT", where, data[:QUANTUM], content_range=span).status == 308
    first.kill()
    second = Killable(tmp_path)
    try:
        asked = second.call("PUT", where, b"", content_range=f"bytes */{len(data)}")
        assert (asked.status, asked.headers["range"]) == (308, f"bytes=0-{QUANTUM - 1}")
        span = f"bytes {QUANTUM}-{len(data) - 1}/{len(data)}"
        assert second.call("PUT", where, data[QUANTUM:], content_range=span).status == 200
        got = second.call("GET", "/storage/v1/b/killed/o/o?alt=media")
        assert got.data == data
    finally:
        second.kill()


class Made(io.RawIOBase):
    """A long file that lies nowhere: the same block over and over."""

    def __init__(self, size: int) -> None:
        self._block, self._size, self._at = os.urandom(2**20), size, 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def read(self, most: int = -1) -> bytes:
        left = self._size - self._at
        count = min(left, most) if most >= 0 else left
        self._at += count
        return (self._block * (count // len(self._block) + 1))[:count]


class Counted(io.RawIOBase):
    """Where a download goes: nowhere."""

    size = 0

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.size += len(data)
        return len(data)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel does not tell")
@pytest.mark.parametrize("size", [2 * 10**8, pytest.param(5 * 10**9, marks=pytest.mark.slow)])
@pytest.mark.timeout(1800)
def test_a_large_object_never_sits_in_memory(tmp_path: Path, size: int) -> None:
    """The client compares CRC32Cs both ways."""
    emulator = Killable(tmp_path)
    try:
        client = storage.Client(
            project="blocklift-local",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": emulator.url},
        )
        blob = client.create_bucket("large").blob("o")
        blob.upload_from_file(Made(size), size=size, timeout=900)
        sink = Counted()
        blob.download_to_file(sink, timeout=900)
        status = Path(f"/proc/{emulator.process.pid}/status").read_text()
        client.close()
    finally:
        emulator.kill()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    print(f"{size:,} bytes through {peak / 2**20:.0f} MiB at most")
    assert sink.size == size
    assert peak < 180 * 2**20
