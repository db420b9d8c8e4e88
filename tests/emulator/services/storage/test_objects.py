"""Objects without their bytes: metadata, deletes, copies, compositions, versions."""

from __future__ import annotations

import pytest
from google.api_core import exceptions


def test_metadata_is_merged_key_by_key(google_bucket) -> None:
    blob = google_bucket.blob("o")
    blob.metadata = {"a": "1", "b": "2"}
    blob.upload_from_string("x")
    blob.metadata = {"b": None, "c": "3"}
    blob.cache_control = "no-store"
    blob.patch()
    again = google_bucket.get_blob("o")
    assert again.metadata == {"a": "1", "c": "3"}
    assert (again.cache_control, again.metageneration, again.size) == ("no-store", 2, 1)


def test_update_replaces(google_bucket) -> None:
    blob = google_bucket.blob("o")
    blob.metadata = {"a": "1"}
    blob.cache_control = "no-store"
    blob.upload_from_string("x")
    blob.metadata, blob.cache_control = {"z": "9"}, None
    blob.update()
    again = google_bucket.get_blob("o")
    assert (again.metadata, again.cache_control) == ({"z": "9"}, None)


def test_what_only_storage_may_set_stays(emulator, bucket: str) -> None:
    emulator.post(f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=o", b"x")
    changed = emulator.call("PATCH", f"/storage/v1/b/{bucket}/o/o", {"size": "9", "md5Hash": "x"})
    assert changed.json["size"] == "1"


def test_a_deleted_object_is_gone(emulator, google_bucket) -> None:
    blob = google_bucket.blob("o")
    blob.upload_from_string("x")
    blob.delete()
    assert not blob.exists()
    with pytest.raises(exceptions.NotFound, match="No such object"):
        blob.delete()


def test_compose(google_bucket) -> None:
    parts = [google_bucket.blob(f"part{n}") for n in range(3)]
    for n, part in enumerate(parts):
        part.upload_from_string(str(n) * 3, content_type="text/plain")
    whole = google_bucket.blob("whole")
    whole.compose(parts)
    again = google_bucket.get_blob("whole")
    assert again.download_as_bytes() == b"000111222"
    assert (again.component_count, again.md5_hash, again.content_type) == (3, None, "text/plain")


def test_compose_onto_itself_appends(google_bucket) -> None:
    log = google_bucket.blob("log")
    log.upload_from_string("a")
    more = google_bucket.blob("more")
    more.upload_from_string("b")
    log.compose([log, more])
    assert log.download_as_bytes() == b"ab"


def test_copy_and_rewrite_keep_bytes_and_metadata(google_bucket) -> None:
    blob = google_bucket.blob("o")
    blob.metadata = {"a": "1"}
    blob.upload_from_string("x", content_type="text/plain")
    copy = google_bucket.copy_blob(blob, google_bucket, "copies/of o")
    moved = google_bucket.blob("rewritten")
    assert moved.rewrite(blob) == (None, 1, 1)
    for made in (copy, moved):
        again = google_bucket.get_blob(made.name)
        assert again.download_as_bytes() == b"x"
        assert (again.metadata, again.content_type) == ({"a": "1"}, "text/plain")
    blob.delete()
    assert copy.download_as_bytes() == b"x"


def test_move(emulator, google_bucket) -> None:
    google_bucket.blob("old").upload_from_string("x")
    path = f"/storage/v1/b/{google_bucket.name}/o/old/moveTo/o/new"
    assert emulator.post(path).json["name"] == "new"
    assert not google_bucket.blob("old").exists()


def test_versions(client, google_bucket) -> None:
    google_bucket.versioning_enabled = True
    google_bucket.patch()
    blob = google_bucket.blob("o")
    blob.upload_from_string("first")
    first = blob.generation
    blob.upload_from_string("second")
    assert google_bucket.blob("o", generation=first).download_as_bytes() == b"first"
    google_bucket.blob("o").delete()
    assert not google_bucket.blob("o").exists()
    kept = list(client.list_blobs(google_bucket, versions=True))
    assert [b.generation for b in kept] == [first, blob.generation]
    for one in kept:
        one.delete()
    assert not list(client.list_blobs(google_bucket, versions=True))


def test_a_held_object_cannot_be_deleted(google_bucket) -> None:
    blob = google_bucket.blob("o")
    blob.upload_from_string("x")
    blob.temporary_hold = True
    blob.patch()
    with pytest.raises(exceptions.Forbidden, match="hold"):
        blob.delete()
    blob.temporary_hold = False
    blob.patch()
    blob.delete()


@pytest.mark.parametrize("path", ["o/no-such", "o/no-such?alt=media", "o/a/compose"])
def test_unknown_objects(emulator, bucket: str, path: str) -> None:
    assert emulator.get(f"/storage/v1/b/{bucket}/{path}").code == 404


def test_a_method_that_is_not_there(emulator, bucket: str) -> None:
    assert emulator.call("PATCH", f"/storage/v1/b/{bucket}/iam", {}).code == 405
    assert emulator.get(f"/storage/v1/b/{bucket}/nothing").code == 404
