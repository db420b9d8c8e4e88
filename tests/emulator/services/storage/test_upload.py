"""Single-request uploads, by Google's client, by pyarrow and by hand."""

from __future__ import annotations

import base64
import hashlib

import pytest
from google.api_core import exceptions


def put(emulator, bucket: str, name: str, body: bytes, query: str = "", **headers: str):
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}{query}"
    return emulator.post(path, body, **headers)


def test_what_goes_up_comes_down(google_bucket) -> None:
    blob = google_bucket.blob("folder/naïve name.txt")
    blob.metadata = {"run": "7"}
    blob.upload_from_string("hello", content_type="text/plain")
    again = google_bucket.get_blob("folder/naïve name.txt")
    assert again.download_as_bytes() == b"hello"
    assert (again.content_type, again.size, again.metadata) == ("text/plain", 5, {"run": "7"})
    assert again.md5_hash == base64.b64encode(hashlib.md5(b"hello").digest()).decode()
    assert again.crc32c == "mnG7TA=="


def test_an_empty_object(google_bucket) -> None:
    google_bucket.blob("empty").upload_from_string("")
    assert google_bucket.blob("empty").download_as_bytes() == b""


def test_create_only_refuses_the_second(google_bucket) -> None:
    google_bucket.blob("manifest").upload_from_string("first", if_generation_match=0)
    with pytest.raises(exceptions.PreconditionFailed, match="pre-conditions"):
        google_bucket.blob("manifest").upload_from_string("second", if_generation_match=0)
    assert google_bucket.blob("manifest").download_as_text() == "first"


def test_media_keeps_type_and_encoding(emulator, bucket: str) -> None:
    made = put(emulator, bucket, "a%2Fb", b"x", "&contentEncoding=br", content_type="text/csv")
    assert made.code == 200
    assert (made.json["name"], made.json["contentType"]) == ("a/b", "text/csv")
    assert made.json["contentEncoding"] == "br"


def test_links_lead_back(emulator, bucket: str) -> None:
    made = put(emulator, bucket, "a%2Fb%20c", b"bytes").json
    assert emulator.http.request("GET", made["mediaLink"]).data == b"bytes"
    assert emulator.http.request("GET", made["selfLink"]).json()["name"] == "a/b c"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x_goog_hash", "md5=AAAAAAAAAAAAAAAAAAAAAA=="),
        ("x_goog_hash", "crc32c=AAAAAA=="),
        ("content_md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ],
)
def test_bytes_that_are_not_those_meant_are_refused(emulator, bucket, header, value) -> None:
    refused = put(emulator, bucket, "wrong", b"bytes", **{header: value})
    assert refused.code == 400
    assert "doesn't match" in refused.message
    assert emulator.get(f"/storage/v1/b/{bucket}/o/wrong").code == 404


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 1025, "a%0Ab"])
def test_names_that_google_does_not_take(emulator, bucket: str, name: str) -> None:
    assert put(emulator, bucket, name, b"x").code == 400


def test_a_bucket_that_is_not_there(emulator) -> None:
    refused = put(emulator, "no-such-bucket", "a", b"x")
    assert refused.code == 404
    assert refused.json["error"]["errors"][0]["reason"] == "notFound"


def test_pyarrow_writes_and_reads_a_table(emulator, bucket: str) -> None:
    import pyarrow as pa
    import pyarrow.fs
    import pyarrow.parquet as pq

    endpoint = emulator.url.removeprefix("http://")
    files = pa.fs.GcsFileSystem(anonymous=True, endpoint_override=endpoint, scheme="http")
    table = pa.table({"n": list(range(100_000))})
    pq.write_table(table, f"{bucket}/runs/part.parquet", filesystem=files)
    assert pq.read_table(f"{bucket}/runs/part.parquet", filesystem=files) == table
    found = files.get_file_info(pa.fs.FileSelector(bucket, recursive=True))
    assert [info.path for info in found if info.is_file] == [f"{bucket}/runs/part.parquet"]


def test_a_body_without_a_length_arrives_whole(emulator, bucket: str) -> None:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=streamed"
    answer = emulator.http.request("POST", emulator.url + path, body=iter([b"ab", b"cd"] * 1000))
    assert answer.status == 200
    assert emulator.get(f"/storage/v1/b/{bucket}/o/streamed?alt=media").body == b"abcd" * 1000
