"""Files by the kernel's own way: whole, in parts, to slow clients and to those that leave."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

import pytest

SIZE = 9_000_001


@pytest.fixture
def data(emulator, bucket: str) -> bytes:
    made = os.urandom(SIZE)
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=o"
    assert emulator.post(path, made).code == 200
    return made


def request(emulator, bucket: str) -> socket.socket:
    url = urlsplit(emulator.url)
    connection = socket.create_connection((url.hostname, url.port), timeout=30)
    line = f"GET /storage/v1/b/{bucket}/o/o?alt=media HTTP/1.1\r\nhost: {url.netloc}\r\n\r\n"
    connection.sendall(line.encode())
    return connection


def test_whole_and_in_part(emulator, bucket: str, data: bytes) -> None:
    path = f"/storage/v1/b/{bucket}/o/o?alt=media"
    assert emulator.get(path).body == data
    part = emulator.get(path, range="bytes=1000-8000000")
    assert (part.code, part.body) == (206, data[1000:8_000_001])
    assert emulator.call("HEAD", path).headers["content-length"] == str(SIZE)


def test_the_next_answer_of_the_same_connection(emulator, bucket: str, data: bytes) -> None:
    with request(emulator, bucket) as connection:
        reader = connection.makefile("rb")
        for _ in range(2):
            while reader.readline() != b"\r\n":
                pass
            assert reader.read(SIZE) == data
            line = f"GET /storage/v1/b/{bucket}/o/o?alt=media HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
            connection.sendall(line.encode())


def test_a_client_that_leaves_or_stalls_harms_nobody(emulator, bucket: str, data: bytes) -> None:
    stalled = [request(emulator, bucket) for _ in range(10)]
    for connection in stalled:
        assert connection.recv(10) == b"HTTP/1.1 2"
    for connection in stalled[::2]:
        connection.close()
    assert emulator.get(f"/storage/v1/b/{bucket}/o/o?alt=media").body == data
    for connection in stalled[1::2]:
        connection.close()
