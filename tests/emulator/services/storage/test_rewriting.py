"""Rewrites in steps, as a client asks for them, and what a token is good for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import PROJECT, Emulator, Reply

MIB = 1024 * 1024
SIZE = 2 * MIB + 5


@pytest.fixture
def far(emulator: Emulator, bucket: str) -> str:
    """A bucket elsewhere; in the other one lies an object of three steps."""
    name = f"{bucket}-far"
    given = {"name": name, "location": "asia-east1"}
    assert emulator.post(f"/storage/v1/b?project={PROJECT}", given).code == 200
    upload(emulator, bucket)
    return name


def upload(emulator: Emulator, bucket: str) -> None:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=o"
    assert emulator.post(path, bytes(range(256)) * (SIZE // 256) + b"12345").code == 200


def rewrite(emulator: Emulator, source: str, target: str, **params: Any) -> Reply:
    asked = "&".join(f"{name}={value}" for name, value in params.items())
    return emulator.post(f"/storage/v1/b/{source}/o/o/rewriteTo/b/{target}/o/p?{asked}")


def test_a_large_object_goes_in_steps(emulator: Emulator, bucket: str, far: str) -> None:
    seen, token = [], ""
    for _ in range(3):
        params = {"maxBytesRewrittenPerCall": MIB, **({"rewriteToken": token} if token else {})}
        answer = rewrite(emulator, bucket, far, **params).json
        seen.append((answer["done"], answer["totalBytesRewritten"], answer["objectSize"]))
        there = emulator.get(f"/storage/v1/b/{far}/o/p").code
        assert there == (200 if answer["done"] else 404)
        token = answer.get("rewriteToken", "")
    assert seen == [
        (False, str(MIB), str(SIZE)),
        (False, str(2 * MIB), str(SIZE)),
        (True, str(SIZE), str(SIZE)),
    ]
    assert answer["resource"]["size"] == str(SIZE)
    assert emulator.get(f"/storage/v1/b/{far}/o/p?alt=media").body.endswith(b"12345")


def test_within_one_place_it_is_done_at_once(emulator: Emulator, bucket: str, far: str) -> None:
    assert rewrite(emulator, bucket, bucket, maxBytesRewrittenPerCall=MIB).json["done"] is True


def test_a_token_is_of_one_source_and_one_target(emulator: Emulator, bucket: str, far: str) -> None:
    params: dict[str, Any] = {"maxBytesRewrittenPerCall": MIB}
    token = rewrite(emulator, bucket, far, **params).json["rewriteToken"]
    assert rewrite(emulator, bucket, bucket, rewriteToken=token).code == 400
    assert rewrite(emulator, bucket, far, rewriteToken="x").code == 400
    upload(emulator, bucket)
    refused = rewrite(emulator, bucket, far, rewriteToken=token)
    assert (refused.code, "the source has changed" in refused.message) == (400, True)


def test_a_step_is_whole_mebibytes(emulator: Emulator, bucket: str, far: str) -> None:
    assert rewrite(emulator, bucket, far, maxBytesRewrittenPerCall=5).code == 400
