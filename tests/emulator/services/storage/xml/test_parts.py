"""Multipart uploads by plain HTTP; obstore's own are in test_clients."""

from __future__ import annotations

import os
import re

import pytest

from tests.emulator.services.storage.xml.test_app import code, texts

LEAST = 5 * 1024 * 1024


def begin(emulator, bucket: str, name: str = "big", **headers: str) -> str:
    made = emulator.call("POST", f"/{bucket}/{name}?uploads", **headers)
    assert made.code == 200, made.body
    return texts(made.body, "s:UploadId")[0]


def send(emulator, bucket: str, key: str, number: int, data: bytes, name: str = "big") -> str:
    made = emulator.call("PUT", f"/{bucket}/{name}?partNumber={number}&uploadId={key}", data)
    assert made.code == 200, made.body
    return str(made.headers["etag"])


def finish(emulator, bucket: str, key: str, parts: dict[int, str], **headers: str):
    inside = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
        for number, tag in parts.items()
    )
    body = f"<CompleteMultipartUpload>{inside}</CompleteMultipartUpload>".encode()
    return emulator.call("POST", f"/{bucket}/big?uploadId={key}", body, **headers)


def test_parts_in_any_order_and_one_twice(emulator, bucket: str) -> None:
    first, second = os.urandom(LEAST), os.urandom(1000)
    key = begin(emulator, bucket, content_type="text/x", x_goog_meta_a="1")
    tags = {2: send(emulator, bucket, key, 2, second)}
    send(emulator, bucket, key, 1, b"an earlier try")
    tags[1] = send(emulator, bucket, key, 1, first)
    listed = emulator.get(f"/{bucket}/big?uploadId={key}").body
    assert texts(listed, "s:Part/s:Size") == [str(LEAST), "1000"]
    assert texts(emulator.get(f"/{bucket}?uploads").body, "s:Upload/s:Key") == ["big"]
    done = finish(emulator, bucket, key, dict(sorted(tags.items())))
    assert done.code == 200, done.body
    told = emulator.get(f"/storage/v1/b/{bucket}/o/big").json
    assert (told["contentType"], told["metadata"], "md5Hash" in told) == (
        "text/x",
        {"a": "1"},
        False,
    )
    assert emulator.get(f"/{bucket}/big").body == first + second
    assert code(emulator.get(f"/{bucket}/big?uploadId={key}")) == (404, "NoSuchUpload")
    assert not list((emulator.data / "storage" / "incoming").glob(f"{key}*"))


def test_what_a_completion_may_not_name(emulator, bucket: str) -> None:
    key = begin(emulator, bucket)
    one = send(emulator, bucket, key, 1, b"small")
    two = send(emulator, bucket, key, 2, b"other")
    wrong = [
        ({1: one, 2: two}, "EntityTooSmall"),
        ({2: two, 1: one}, "InvalidPartOrder"),
        ({1: two}, "InvalidPart"),
        ({3: one}, "InvalidPart"),
        ({}, "InvalidPartOrder"),
    ]
    for parts, why in wrong:
        assert code(finish(emulator, bucket, key, parts)) == (400, why)
    refused = finish(emulator, bucket, key, {2: two}, x_goog_if_generation_match="7")
    assert code(refused) == (412, "PreconditionFailed")
    assert finish(emulator, bucket, key, {2: two}).code == 200


def test_an_aborted_upload_leaves_nothing(emulator, bucket: str) -> None:
    key = begin(emulator, bucket)
    send(emulator, bucket, key, 1, b"x")
    assert emulator.call("DELETE", f"/{bucket}/big?uploadId={key}").code == 204
    assert code(finish(emulator, bucket, key, {1: "x"})) == (404, "NoSuchUpload")
    assert code(emulator.get(f"/{bucket}/big")) == (404, "NoSuchKey")
    assert not list((emulator.data / "storage" / "incoming").glob(f"{key}*"))


@pytest.mark.parametrize("number", ["0", "10001", "x"])
def test_numbers_of_parts(emulator, bucket: str, number: str) -> None:
    key = begin(emulator, bucket)
    path = f"/{bucket}/big?partNumber={number}&uploadId={key}"
    assert code(emulator.call("PUT", path, b"x")) == (400, "InvalidArgument")


def test_an_upload_belongs_to_its_object(emulator, bucket: str) -> None:
    key = begin(emulator, bucket)
    path = f"/{bucket}/other?partNumber=1&uploadId={key}"
    assert code(emulator.call("PUT", path, b"x")) == (404, "NoSuchUpload")
    assert re.fullmatch(r"[\w-]{32}", key)
