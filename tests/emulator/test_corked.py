"""Heads and bodies leave in one write; a head whose body is late does not wait for it."""

from __future__ import annotations

import asyncio
from typing import Any

from emulator.corked import Cork

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """Stands in for a socket's transport."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.open = True

    def write(self, data: bytes) -> None:
        assert self.open
        self.writes.append(data)

    def close(self) -> None:
        self.open = False

    def get_extra_info(self, name: str) -> str:
        return f"of {name}"


def corked() -> tuple[Wire, Any]:
    wire = Wire()
    transport: Any = wire
    return wire, Cork(transport)


def test_a_head_and_its_body_are_one_write() -> None:
    async def turns() -> None:
        wire, cork = corked()
        cork.write(HEAD)
        cork.write(b"ok")
        await asyncio.sleep(0)
        assert wire.writes == [HEAD + b"ok"]

    asyncio.run(turns())


def test_a_head_alone_leaves_with_the_next_turn() -> None:
    async def turns() -> None:
        wire, cork = corked()
        cork.write(HEAD)
        assert wire.writes == []
        await asyncio.sleep(0)
        cork.write(b"data: late\n\n")
        assert wire.writes == [HEAD, b"data: late\n\n"]

    asyncio.run(turns())


def test_closing_loses_nothing() -> None:
    async def turns() -> None:
        wire, cork = corked()
        cork.write(HEAD)
        cork.close()
        await asyncio.sleep(0)
        assert wire.writes == [HEAD]
        assert not wire.open

    asyncio.run(turns())


def test_the_second_answer_of_a_connection_is_whole_as_well() -> None:
    async def turns() -> None:
        wire, cork = corked()
        for _ in range(2):
            cork.write(HEAD)
            cork.write(b"ok")
        await asyncio.sleep(0)
        assert wire.writes == [HEAD + b"ok", HEAD + b"ok"]

    asyncio.run(turns())


def test_everything_else_is_the_transports_own() -> None:
    _, cork = corked()
    assert cork.get_extra_info("peername") == "of peername"
