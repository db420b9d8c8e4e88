"""Preconditions hold under a race, on every kind of call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest


def test_sixteen_racing_creates_have_one_winner(emulator, bucket: str) -> None:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=race&ifGenerationMatch=0"
    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(lambda n: emulator.post(path, b"%d" % n).code, range(16)))
    assert sorted(codes) == [200] + [412] * 15


def test_racing_updates_of_one_generation_have_one_winner(emulator, bucket: str) -> None:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=counter"
    for _ in range(3):
        generation = emulator.post(path, b"0").json["generation"]
        guarded = f"{path}&ifGenerationMatch={generation}"
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(
                lambda n, guarded=guarded: emulator.post(guarded, b"%d" % n).code, range(8)
            )
            assert sorted(answers) == [200] + [412] * 7


@pytest.fixture
def made(emulator, bucket: str):
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=o"
    return emulator.post(path, b"x").json


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("ifGenerationMatch={g}", 200),
        ("ifGenerationMatch=1", 412),
        ("ifGenerationMatch=0", 412),
        ("ifGenerationNotMatch=1", 200),
        ("ifGenerationNotMatch={g}", 304),
        ("ifMetagenerationMatch=1", 200),
        ("ifMetagenerationMatch=2", 412),
        ("ifMetagenerationNotMatch=2", 200),
        ("ifMetagenerationNotMatch=1", 304),
        ("ifGenerationMatch=x", 400),
    ],
)
def test_reads(emulator, bucket: str, made, query: str, code: int) -> None:
    asked = query.format(g=made["generation"])
    assert emulator.get(f"/storage/v1/b/{bucket}/o/o?{asked}").code == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("ifGenerationNotMatch={g}", 412),
        ("ifGenerationNotMatch=0", 200),
        ("ifMetagenerationMatch=1", 200),
        ("ifMetagenerationNotMatch=1", 412),
    ],
)
def test_writes(emulator, bucket: str, made, query: str, code: int) -> None:
    asked = query.format(g=made["generation"])
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=o&{asked}"
    assert emulator.post(path, b"y").code == code


def test_patch_and_delete(emulator, bucket: str, made) -> None:
    path = f"/storage/v1/b/{bucket}/o/o"
    stale = emulator.call("PATCH", f"{path}?ifMetagenerationMatch=9", {"contentType": "a/b"})
    assert stale.code == 412
    assert emulator.call("DELETE", f"{path}?ifGenerationMatch=9").code == 412
    assert emulator.call("DELETE", f"{path}?ifGenerationMatch={made['generation']}").code == 204


def test_a_copy_checks_source_and_target(emulator, bucket: str, made) -> None:
    path = f"/storage/v1/b/{bucket}/o/o/copyTo/b/{bucket}/o/copy"
    assert emulator.post(f"{path}?ifSourceGenerationMatch=9").code == 412
    assert emulator.post(f"{path}?ifGenerationMatch=0").code == 200
    assert emulator.post(f"{path}?ifGenerationMatch=0").code == 412
