"""Many calls in one request."""

from __future__ import annotations

import pytest
from google.api_core import exceptions


def test_google_client_deletes_in_a_batch(client, google_bucket) -> None:
    blobs = [google_bucket.blob(f"o/{n}") for n in range(5)]
    for blob in blobs:
        blob.upload_from_string("x")
    with client.batch():
        for blob in blobs[:4]:
            blob.delete()
    assert [blob.name for blob in client.list_blobs(google_bucket)] == ["o/4"]


def test_a_failing_call_does_not_stop_the_others(client, google_bucket) -> None:
    there = google_bucket.blob("there")
    there.upload_from_string("x")
    with pytest.raises(exceptions.NotFound), client.batch():
        google_bucket.blob("missing").delete()
        there.delete()
    assert not there.exists()


def test_patches_carry_their_bodies(client, google_bucket) -> None:
    blob = google_bucket.blob("o")
    blob.upload_from_string("x")
    blob.metadata = {"a": "b"}
    with client.batch():
        blob.patch()
    assert google_bucket.get_blob("o").metadata == {"a": "b"}


def test_what_is_no_batch(emulator) -> None:
    assert emulator.post("/batch/storage/v1", b"hello", content_type="text/plain").code == 400
