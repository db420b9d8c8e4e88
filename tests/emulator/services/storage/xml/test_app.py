"""The XML API, by plain HTTP: paths, lists, refusals."""

from __future__ import annotations

from xml.etree import ElementTree as Tree

import pytest

SPACE = {"s": "http://doc.s3.amazonaws.com/2006-03-01"}


def put(emulator, bucket: str, *names: str) -> None:
    for name in names:
        assert emulator.call("PUT", f"/{bucket}/{name}", name.encode()).code == 200


def texts(body: bytes, path: str) -> list[str]:
    return [found.text or "" for found in Tree.fromstring(body).findall(path, SPACE)]


def code(reply) -> tuple[int, str]:
    return reply.code, Tree.fromstring(reply.body).findtext("Code") or ""


def test_what_one_api_writes_the_other_reads(emulator, bucket: str) -> None:
    made = emulator.call(
        "PUT", f"/{bucket}/a/b%20c", b"12345", content_type="text/x", x_goog_meta_colour="blue"
    )
    assert made.code == 200
    told = emulator.get(f"/storage/v1/b/{bucket}/o/a%2Fb%20c").json
    assert (told["contentType"], told["metadata"]) == ("text/x", {"colour": "blue"})
    assert told["generation"] == made.headers["x-goog-generation"]
    got = emulator.get(f"/{bucket}/a/b%20c", range="bytes=1-2")
    assert (got.code, got.body, got.headers["content-range"]) == (206, b"23", "bytes 1-2/5")
    assert got.headers["x-goog-meta-colour"] == "blue"
    assert got.headers["etag"] == '"827ccb0eea8a706c4c34a16891f84e7b"'


@pytest.mark.parametrize("host", ["{}.storage.googleapis.com", "{}.storage.localhost:9090"])
def test_the_bucket_in_the_host(emulator, bucket: str, host: str) -> None:
    name = {"host": host.format(bucket)}
    assert emulator.call("PUT", "/v1/projects/p", b"x", **name).code == 200
    assert emulator.get("/v1/projects/p", **name).body == b"x"
    assert emulator.get(f"/{bucket}/v1/projects/p", host="storage.googleapis.com").body == b"x"
    assert texts(emulator.get("/?list-type=2", **name).body, "s:Contents/s:Key") == [
        "v1/projects/p"
    ]


def test_a_list_page_by_page(emulator, bucket: str) -> None:
    put(emulator, bucket, "a", "d/1", "d/2", "e", "f")
    first = emulator.get(f"/{bucket}?list-type=2&delimiter=/&max-keys=2").body
    assert texts(first, "s:Contents/s:Key") == ["a"]
    assert texts(first, "s:CommonPrefixes/s:Prefix") == ["d/"]
    assert texts(first, "s:KeyCount") == ["2"]
    (token,) = texts(first, "s:NextContinuationToken")
    path = f"/{bucket}?list-type=2&delimiter=/&continuation-token={token}"
    assert texts(emulator.get(path).body, "s:Contents/s:Key") == ["e", "f"]
    after = emulator.get(f"/{bucket}?list-type=2&start-after=e").body
    assert texts(after, "s:Contents/s:Key") == ["f"]
    old = emulator.get(f"/{bucket}?marker=d/1&max-keys=1").body
    assert (texts(old, "s:Contents/s:Key"), texts(old, "s:IsTruncated")) == (["d/2"], ["true"])
    assert texts(old, "s:NextMarker") == ["d/2"]


def test_settings_of_a_bucket(emulator, bucket: str) -> None:
    assert emulator.call("HEAD", f"/{bucket}").code == 200
    assert b"EUROPE-WEST1</LocationConstraint>" in emulator.get(f"/{bucket}?location").body
    assert b"<Status>Suspended" in emulator.get(f"/{bucket}?versioning").body
    assert code(emulator.get(f"/{bucket}?cors")) == (501, "NotImplemented")
    assert code(emulator.call("PUT", f"/{bucket}")) == (405, "MethodNotAllowed")


def test_refusals(emulator, bucket: str) -> None:
    put(emulator, bucket, "o")
    host = "storage.googleapis.com"
    assert code(emulator.get("/no-such-bucket/o", host=host)) == (404, "NoSuchBucket")
    assert code(emulator.get(f"/{bucket}/none")) == (404, "NoSuchKey")
    assert code(emulator.get(f"/{bucket}/o", range="bytes=9-")) == (416, "InvalidRange")
    assert code(emulator.call("PUT", f"/{bucket}/o", b"x", x_goog_if_generation_match="0")) == (
        412,
        "PreconditionFailed",
    )
    assert code(emulator.call("PUT", f"/{bucket}/o", b"x", content_md5="AAAA")) == (
        400,
        "BadDigest",
    )
    assert emulator.call("HEAD", f"/{bucket}/none").body == b""
    account = emulator.account("nobody-here")
    refused = emulator.get(f"/{bucket}/o", authorization=emulator.token_of(account))
    assert code(refused) == (403, "AccessDenied")


def test_what_no_bucket_is_stays_unknown(emulator) -> None:
    assert emulator.get("/nothing/here").json["error"]["status"] == "NOT_FOUND"
