"""Long bodies past the parser: whole, with Expect, in a trickle, and from clients that leave."""

from __future__ import annotations

import hashlib
import os
import socket
from urllib.parse import urlsplit

from emulator.recvbody import LEAST

SIZE = LEAST + 4_321


def begin(emulator, bucket: str, name: str, *headers: str) -> socket.socket:
    url = urlsplit(emulator.url)
    connection = socket.create_connection((url.hostname, url.port), timeout=60)
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}"
    lines = [f"POST {path} HTTP/1.1", f"host: {url.netloc}", f"content-length: {SIZE}", *headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def stored(emulator, bucket: str, name: str) -> str:
    body = emulator.get(f"/storage/v1/b/{bucket}/o/{name}?alt=media").body
    return hashlib.md5(body).hexdigest()


def test_a_body_in_pieces_and_the_end_of_its_connection(emulator, bucket: str) -> None:
    data = os.urandom(SIZE)
    with begin(emulator, bucket, "o") as connection:
        for at in (0, 1, 70_000, 3_000_000):
            end = {0: 1, 1: 70_000, 70_000: 3_000_000}.get(at, SIZE)
            connection.sendall(data[at:end])
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer
    assert stored(emulator, bucket, "o") == hashlib.md5(data).hexdigest()


def test_a_client_that_waits_to_be_told(emulator, bucket: str) -> None:
    data = os.urandom(SIZE)
    with begin(emulator, bucket, "o", "expect: 100-continue") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(data)
        assert connection.recv(15).startswith(b"HTTP/1.1 200")
    assert stored(emulator, bucket, "o") == hashlib.md5(data).hexdigest()


def test_clients_that_leave_or_stall_harm_nobody(emulator, bucket: str) -> None:
    stalled = [begin(emulator, bucket, f"never-{n}") for n in range(12)]
    for connection in stalled:
        connection.sendall(b"x" * 100_000)
    for connection in stalled[::2]:
        connection.close()
    data = os.urandom(SIZE)
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=o"
    assert emulator.post(path, data).code == 200
    for connection in stalled[1::2]:
        connection.close()
    assert stored(emulator, bucket, "o") == hashlib.md5(data).hexdigest()
    assert emulator.get(f"/storage/v1/b/{bucket}/o/never-0").code == 404


def test_a_refused_upload_leaves_its_body_unread(emulator, fresh_name: str) -> None:
    with begin(emulator, f"none-{fresh_name}", "o") as connection:
        assert connection.recv(15).startswith(b"HTTP/1.1 404")
