"""Headers that decide: conditions of HTTP, lengths, metadata."""

from __future__ import annotations

import pytest

ETAG = '"9dd4e461268c8034f5c8564e155c67a6"'


@pytest.fixture
def path(emulator, bucket: str) -> str:
    assert emulator.call("PUT", f"/{bucket}/o", b"x").code == 200
    return f"/{bucket}/o"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"if_match": ETAG}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": '"other"'}, 412),
        ({"if_none_match": ETAG}, 304),
        ({"if_none_match": f'"other", W/{ETAG}'}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_modified_since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        ({"if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
        ({"if_unmodified_since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 412),
        ({"if_modified_since": "yesterday"}, 400),
    ],
)
def test_conditions_of_a_read(emulator, path: str, headers: dict[str, str], expected: int) -> None:
    assert emulator.get(path, **headers).code == expected


@pytest.mark.parametrize(
    ("allowed", "expected"), [("1,5", 200), ("4,9", 400), ("0,2", 400), ("3", 400), ("a,b", 400)]
)
def test_the_length_that_a_signer_allows(emulator, path: str, allowed: str, expected: int) -> None:
    reply = emulator.call("PUT", path, b"123", x_goog_content_length_range=allowed)
    assert reply.code == expected
