"""Bytes out: whole, in ranges, unzipped, unchanged."""

from __future__ import annotations

import gzip
import os

import pytest


@pytest.fixture(scope="module")
def alphabet(emulator) -> str:
    name = "download-module"
    emulator.post("/storage/v1/b?project=blocklift-local", {"name": name})
    path = f"/upload/storage/v1/b/{name}/o?uploadType=media&name=abc"
    emulator.post(path, b"abcdefghijklmnopqrstuvwxyz", content_type="text/plain")
    return f"/storage/v1/b/{name}/o/abc"


@pytest.mark.parametrize(
    ("header", "body", "told"),
    [
        ("bytes=0-4", b"abcde", "bytes 0-4/26"),
        ("bytes=24-", b"yz", "bytes 24-25/26"),
        ("bytes=-3", b"xyz", "bytes 23-25/26"),
        ("bytes=20-1000", b"uvwxyz", "bytes 20-25/26"),
        ("bytes=-1000", b"abcdefghijklmnopqrstuvwxyz", "bytes 0-25/26"),
    ],
)
def test_ranges(emulator, alphabet: str, header: str, body: bytes, told: str) -> None:
    part = emulator.get(f"{alphabet}?alt=media", range=header)
    assert (part.code, part.body, part.headers["content-range"]) == (206, body, told)


@pytest.mark.parametrize("header", ["bytes=26-", "bytes=100-200"])
def test_a_range_beyond_the_end(emulator, alphabet: str, header: str) -> None:
    assert emulator.get(f"{alphabet}?alt=media", range=header).code == 416


@pytest.mark.parametrize("header", ["lines=1-2", "bytes=0-1,4-5"])
def test_a_range_that_is_not_understood_gives_everything(emulator, alphabet, header) -> None:
    assert emulator.get(f"{alphabet}?alt=media", range=header).code == 200


def test_headers_say_what_was_sent(emulator, alphabet: str) -> None:
    whole = emulator.get(f"/download{alphabet}?alt=media")
    about = emulator.get(alphabet).json
    assert whole.headers["x-goog-generation"] == about["generation"]
    assert whole.headers["x-goog-hash"] == f"crc32c={about['crc32c']},md5={about['md5Hash']}"
    assert whole.headers["content-type"] == "text/plain"
    assert whole.headers["content-length"] == "26"


def test_head(emulator, alphabet: str) -> None:
    head = emulator.call("HEAD", f"{alphabet}?alt=media")
    assert (head.code, head.body, head.headers["content-length"]) == (200, b"", "26")


def test_a_copy_that_is_still_good(emulator, alphabet: str) -> None:
    generation = emulator.get(alphabet).json["generation"]
    query = f"?alt=media&ifGenerationNotMatch={generation}"
    assert emulator.get(alphabet + query).code == 304
    assert emulator.get(f"{alphabet}?alt=media&ifGenerationMatch=1").code == 412


def test_a_large_object_in_blocks(google_bucket) -> None:
    data = os.urandom(3 * 1024 * 1024 + 1)
    google_bucket.blob("large").upload_from_string(data)
    assert google_bucket.blob("large").download_as_bytes() == data
    assert (
        google_bucket.blob("large").download_as_bytes(start=700_000, end=2_900_000)
        == (data[700_000:2_900_001])
    )


def test_gzip_is_unpacked_for_who_does_not_take_it(emulator, bucket: str) -> None:
    query = "?uploadType=media&name=z&contentEncoding=gzip"
    packed = gzip.compress(b"plain text" * 1000)
    emulator.post(f"/upload/storage/v1/b/{bucket}/o{query}", packed)
    path = f"/storage/v1/b/{bucket}/o/z?alt=media"
    assert emulator.get(path, accept_encoding="identity").body == b"plain text" * 1000
    raw = emulator.http.request(
        "GET", emulator.url + path, headers={"accept-encoding": "gzip"}, decode_content=False
    )
    assert raw.data == packed


def test_what_was_overwritten_is_read_to_its_end(emulator, bucket: str) -> None:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=changing"
    first = os.urandom(8 * 1024 * 1024)
    emulator.post(path, first)
    reading = emulator.http.request(
        "GET",
        f"{emulator.url}/storage/v1/b/{bucket}/o/changing?alt=media",
        preload_content=False,
    )
    begun = reading.read(1000)
    emulator.post(path, b"second")
    assert begun + reading.read() == first


def test_a_slash_may_come_unescaped(emulator, bucket: str) -> None:
    emulator.post(f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=a/b/c", b"x")
    assert emulator.get(f"/storage/v1/b/{bucket}/o/a/b/c?alt=media").body == b"x"
    assert emulator.get(f"/storage/v1/b/{bucket}/o/a%2Fb%2Fc?alt=media").body == b"x"
