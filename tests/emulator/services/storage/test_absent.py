"""What is not there is refused by its name, and in Google's words where Google refuses it."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import PROJECT, Emulator

LEGACY = "legacy ACL for an object when uniform bucket-level access is enabled"


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [
        ("GET", "o/o/acl", f"Cannot get {LEGACY}"),
        ("POST", "o/o/acl", f"Cannot insert {LEGACY}"),
        ("DELETE", "o/o/acl/allUsers", f"Cannot delete {LEGACY}"),
        ("PUT", "o/o/acl/allUsers", f"Cannot update {LEGACY}"),
        ("PATCH", "o/o?predefinedAcl=private", "Cannot update access control"),
        ("PATCH", "o/o", "Cannot update access control for an object when uniform"),
        ("GET", "defaultObjectAcl", "uniform bucket-level access is enabled"),
    ],
)
def test_acls_under_uniform_access(
    emulator: Emulator, bucket: str, method: str, path: str, word: str
) -> None:
    emulator.post(f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=o", b"x")
    body = {"acl": [{"entity": "allUsers", "role": "READER"}]}
    refused = emulator.call(method, f"/storage/v1/b/{bucket}/{path}", body)
    assert (refused.code, word in refused.message) == (400, True), refused.body


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [
        ("GET", "o?softDeleted=true", "soft delete"),
        ("GET", "o/o?softDeleted=true&generation=1", "soft delete"),
        ("POST", "o/o/restore?generation=1", "soft delete"),
        ("GET", "o?filter=contexts.a:b", "filters of lists"),
        ("GET", "folders", "hierarchical namespace"),
    ],
)
def test_what_is_not_there_is_named(
    emulator: Emulator, bucket: str, method: str, path: str, word: str
) -> None:
    refused = emulator.call(method, f"/storage/v1/b/{bucket}/{path}")
    assert (refused.code, word in refused.message) == (501, True), refused.body


def test_paths_of_projects(emulator: Emulator) -> None:
    path = f"/storage/v1/projects/{PROJECT}"
    assert emulator.get(f"{path}/hmacKeys").code == 501
    assert emulator.get(f"{path}/serviceAccount").code == 200
    assert emulator.get(f"{path}/else").code == 404


@pytest.mark.parametrize("kind", ["media", "multipart", "resumable"])
def test_an_upload_cannot_open_an_object(emulator: Emulator, bucket: str, kind: str) -> None:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType={kind}&name=o&predefinedAcl=publicRead"
    body = b'--x\r\n\r\n{"name": "o"}\r\n--x\r\n\r\nx\r\n--x--' if kind == "multipart" else b""
    refused = emulator.post(path, body, content_type="multipart/related; boundary=x")
    assert (refused.code, LEGACY in refused.message) == (400, True), refused.body
    assert emulator.get(f"/storage/v1/b/{bucket}/o/o").code == 404


def test_an_object_whose_name_ends_in_acl_is_an_object(emulator: Emulator, bucket: str) -> None:
    emulator.post(f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=a%2Facl", b"x")
    assert emulator.get(f"/storage/v1/b/{bucket}/o/a%2Facl").code == 200
