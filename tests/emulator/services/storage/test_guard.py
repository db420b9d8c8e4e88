"""Service accounts get what their roles say, and the refusal names the permission."""

from __future__ import annotations

import pytest

OBJECT_USER = "roles/storage.objectUser"


@pytest.fixture
def account(emulator, fresh_name: str) -> str:
    return emulator.account(f"sa-{fresh_name}")


def grant(emulator, bucket: str, account: str, role: str, prefix: str = "") -> None:
    binding = {"role": role, "members": [f"serviceAccount:{account}"]}
    if prefix:
        name = f"projects/_/buckets/{bucket}/objects/{prefix}"
        expression = f'resource.name.startsWith("{name}")'
        binding["condition"] = {"title": "prefix", "expression": expression}
    policy = {"version": 3, "bindings": [binding]}
    assert emulator.call("PUT", f"/storage/v1/b/{bucket}/iam", policy).code == 200


def put(emulator, bucket: str, name: str, token: str):
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}"
    return emulator.post(path, b"x", authorization=token)


def test_no_role_no_access(emulator, bucket: str, account: str) -> None:
    token = emulator.token_of(account)
    refused = put(emulator, bucket, "o", token)
    assert refused.code == 403
    assert refused.message == (
        f"{account} does not have storage.objects.create access to the Google Cloud Storage "
        "object. Permission 'storage.objects.create' denied on resource (or it may not exist)."
    )
    assert refused.json["error"]["errors"][0]["reason"] == "forbidden"
    listed = emulator.get(f"/storage/v1/b/{bucket}/o", authorization=token)
    assert "storage.objects.list" in listed.message


def test_a_role_on_the_bucket(emulator, bucket: str, account: str) -> None:
    grant(emulator, bucket, account, OBJECT_USER)
    token = emulator.token_of(account)
    assert put(emulator, bucket, "o", token).code == 200
    assert put(emulator, bucket, "o", token).code == 200
    path = f"/storage/v1/b/{bucket}/o"
    assert emulator.get(f"{path}/o?alt=media", authorization=token).code == 200
    assert emulator.get(f"{path}/none", authorization=token).code == 404
    assert emulator.call("DELETE", f"/storage/v1/b/{bucket}", authorization=token).code == 403


def test_a_role_under_a_prefix(emulator, bucket: str, account: str) -> None:
    """A condition on object names does not reach the bucket: no list, and a missing object
    cannot be told from a forbidden one.
    """
    grant(emulator, bucket, account, OBJECT_USER, prefix="runs/p/")
    token = emulator.token_of(account)
    assert put(emulator, bucket, "runs/p/a", token).code == 200
    assert put(emulator, bucket, "runs/q/a", token).code == 403
    path = f"/storage/v1/b/{bucket}/o"
    assert emulator.get(path, authorization=token).code == 403
    assert emulator.get(f"{path}/runs%2Fp%2Fnone", authorization=token).code == 403


def test_a_creator_cannot_write_over(emulator, bucket: str, account: str) -> None:
    grant(emulator, bucket, account, "roles/storage.objectCreator")
    token = emulator.token_of(account)
    assert put(emulator, bucket, "o", token).code == 200
    assert "storage.objects.delete" in put(emulator, bucket, "o", token).message


def test_a_token_that_is_not_ours(emulator, bucket: str) -> None:
    assert put(emulator, bucket, "o", "Bearer ya29.somebody-elses").code == 401
