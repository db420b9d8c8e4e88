"""Resumable uploads: chunks, interruptions, questions, ends."""

from __future__ import annotations

import os
import socket

import pytest
from google.api_core import exceptions

K256 = 256 * 1024


def begin(emulator, bucket: str, name: str, query: str = "", body=None) -> str:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=resumable&name={name}{query}"
    made = emulator.post(path, body or {})
    assert made.code == 200, made.body
    return made.headers["location"].removeprefix(emulator.url)


def test_google_client_in_chunks(google_bucket) -> None:
    data = os.urandom(5 * K256 + 17)
    blob = google_bucket.blob("big", chunk_size=K256)
    blob.upload_from_string(data)
    assert blob.download_as_bytes() == data


def test_chunk_by_chunk(emulator, bucket: str) -> None:
    data = os.urandom(2 * K256 + 5)
    where = begin(emulator, bucket, "chunked", body={"contentType": "text/x"})
    first = emulator.call("PUT", where, data[:K256], content_range=f"bytes 0-{K256 - 1}/*")
    assert (first.code, first.headers["range"]) == (308, f"bytes=0-{K256 - 1}")
    asked = emulator.call("PUT", where, b"", content_range="bytes */*")
    assert (asked.code, asked.headers["range"]) == (308, f"bytes=0-{K256 - 1}")
    rest = f"bytes {K256}-{len(data) - 1}/{len(data)}"
    done = emulator.call("PUT", where, data[K256:], content_range=rest)
    assert (done.code, done.json["size"], done.json["contentType"]) == (
        200,
        str(len(data)),
        "text/x",
    )
    assert emulator.get(f"/storage/v1/b/{bucket}/o/chunked?alt=media").body == data


def test_what_was_sent_twice_counts_once(emulator, bucket: str) -> None:
    data = os.urandom(2 * K256)
    where = begin(emulator, bucket, "twice")
    emulator.call("PUT", where, data[:K256], content_range=f"bytes 0-{K256 - 1}/*")
    whole = f"bytes 0-{len(data) - 1}/{len(data)}"
    assert emulator.call("PUT", where, data, content_range=whole).code == 200
    assert emulator.get(f"/storage/v1/b/{bucket}/o/twice?alt=media").body == data


def test_everything_in_one_put(emulator, bucket: str) -> None:
    where = begin(emulator, bucket, "one")
    assert emulator.call("PUT", where, b"all").json["size"] == "3"


def test_an_empty_object(emulator, bucket: str) -> None:
    where = begin(emulator, bucket, "nothing")
    assert emulator.call("PUT", where, b"", content_range="bytes */0").json["size"] == "0"


def test_a_question_after_the_end_gives_the_object(emulator, bucket: str) -> None:
    where = begin(emulator, bucket, "ended")
    made = emulator.call("PUT", where, b"abc").json
    asked = emulator.call("PUT", where, b"", content_range="bytes */3")
    assert (asked.code, asked.json["generation"]) == (200, made["generation"])


def test_a_broken_connection_keeps_whole_quanta(emulator, bucket: str) -> None:
    where = begin(emulator, bucket, "broken")
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    sent = os.urandom(K256 + 1000)
    head = (
        f"PUT {where} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {2 * K256}\r\n"
        f"Content-Range: bytes 0-{2 * K256 - 1}/{2 * K256}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + sent)
    asked = emulator.call("PUT", where, b"", content_range=f"bytes */{2 * K256}")
    assert asked.code == 308
    kept = int(asked.headers["range"].rpartition("-")[2]) + 1 if "range" in asked.headers else 0
    assert kept in (0, K256)
    data = (sent * 2)[: 2 * K256]
    rest = f"bytes {kept}-{2 * K256 - 1}/{2 * K256}"
    assert emulator.call("PUT", where, data[kept:], content_range=rest).code == 200
    assert emulator.get(f"/storage/v1/b/{bucket}/o/broken?alt=media").body == data


def test_cancel(emulator, bucket: str) -> None:
    where = begin(emulator, bucket, "cancelled")
    assert emulator.call("DELETE", where).code == 499
    assert emulator.call("PUT", where, b"late").code == 404


def test_a_precondition_holds_until_the_end(emulator, bucket: str) -> None:
    where = begin(emulator, bucket, "raced", "&ifGenerationMatch=0")
    emulator.call("PUT", begin(emulator, bucket, "raced"), b"first")
    assert emulator.call("PUT", where, b"second").code == 412
    assert emulator.get(f"/storage/v1/b/{bucket}/o/raced?alt=media").body == b"first"


def test_the_client_hears_of_a_failed_precondition(google_bucket) -> None:
    google_bucket.blob("there").upload_from_string("x")
    late = google_bucket.blob("there", chunk_size=K256)
    with pytest.raises(exceptions.PreconditionFailed):
        late.upload_from_string(b"y" * K256 * 2, if_generation_match=0)


@pytest.mark.parametrize("text", ["bytes x-y/z", "0-1/2", "bytes 1-/3"])
def test_a_range_that_is_none(emulator, bucket: str, text: str) -> None:
    where = begin(emulator, bucket, "odd")
    assert emulator.call("PUT", where, b"abc", content_range=text).code == 400
