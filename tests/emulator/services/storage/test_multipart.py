"""Bodies of two parts, as clients of every taste write them."""

from __future__ import annotations

import asyncio

import pytest

from emulator.cloud import OWNER
from emulator.services.storage.ask import Ask, StorageError
from emulator.services.storage.multipart import Related

MEDIA = b"a\r\n--other--\r\nb" + bytes(range(256)) * 40
BODY = (
    b"--edge\r\nContent-Type: application/json\r\n\r\n"
    b'{"name": "x"}\r\n'
    b"--edge\r\nContent-Type: text/csv\r\n\r\n" + MEDIA + b"\r\n--edge--"
)


def read(body: bytes, size: int, kind: str = 'multipart/related; boundary="edge"'):
    """Metadata, type and bytes of a body that arrives `size` bytes at a time."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]

    async def receive():
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def all_of_it():
        headers = {b"content-type": kind.encode()}
        related = Related(Ask("POST", "", {}, headers, OWNER, receive, print))
        metadata, media_type = await related.head()
        return metadata, media_type, b"".join([chunk async for chunk in related.media()])

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
@pytest.mark.parametrize("ending", [b"", b"\r\n"])
def test_however_it_is_cut(size: int, ending: bytes) -> None:
    assert read(BODY + ending, size) == ({"name": "x"}, "text/csv", MEDIA)


def test_line_feeds_alone_between_the_parts() -> None:
    head = BODY.replace(b"\r\n\r\n", b"\n\n", 1)
    assert read(head, 1000)[2] == MEDIA


def test_an_empty_second_part() -> None:
    assert read(BODY.replace(MEDIA, b""), 9)[2] == b""


@pytest.mark.parametrize("broken", [BODY[:60], BODY[:-8], b""])
def test_a_body_that_ends_too_early_is_refused(broken: bytes) -> None:
    with pytest.raises(StorageError, match="Malformed"):
        read(broken, 50)


def test_no_boundary() -> None:
    with pytest.raises(StorageError, match="boundary"):
        read(BODY, 50, kind="multipart/related")
