"""Resumable uploads (Google: "Perform resumable uploads"): many requests, one object.

A session's state is in the catalog and its bytes in a file, so it goes on after a restart;
what was acknowledged by `Range` is in that file.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from emulator.services.storage.absent import check_given, check_predefined
from emulator.services.storage.ask import Ask, Headers, StorageError, bad
from emulator.services.storage.guard import Guard
from emulator.services.storage.preconditions import Preconditions
from emulator.services.storage.resources import object_bytes
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.spool import Spool
from emulator.services.storage.upload import OCTETS, object_name, verify

QUANTUM = 256 * 1024
"""What Storage keeps of an interrupted chunk is a multiple of this."""
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(slots=True)
class _Session:
    """One upload under way."""

    key: str
    state: dict[str, Any]
    spool: Spool
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class _Span:
    """`Content-Range`: where the chunk begins, and the size of all when it is known."""

    start: int | None
    total: int | None

    @classmethod
    def of(cls, ask: Ask) -> _Span:
        text = ask.header(b"content-range")
        if not text:
            length = ask.header(b"content-length")
            return cls(0, int(length) if length else None)
        found = _RANGE.fullmatch(text)
        if found is None:
            raise bad(f"Failed to parse Content-Range header: {text}")
        start = int(found[1]) if found[1] else None
        return cls(start, None if found[3] == "*" else int(found[3]))


class Sessions:
    """Every resumable upload of this emulator."""

    def __init__(self, shelf: Shelf, guard: Guard) -> None:
        self._shelf = shelf
        self._guard = guard
        self._open: dict[str, _Session] = {}

    async def begin(self, ask: Ask, bucket: str) -> None:
        given = await ask.json()
        name = object_name(ask.params, given)
        given.setdefault("contentType", ask.header(b"x-upload-content-type") or OCTETS)
        key = self._begun(ask, bucket, name, given)
        where = f"{ask.base}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={key}"
        await ask.nothing(200, _where(where, key))

    async def begin_by_headers(
        self, ask: Ask, bucket: str, name: str, given: dict[str, Any]
    ) -> None:
        """In the XML API, where `x-goog-resumable: start` asks for it."""
        object_name({"name": name}, {})
        given.setdefault("contentType", OCTETS)
        key = self._begun(ask, bucket, name, given)
        where = f"{ask.base}/{bucket}/{quote(name)}?upload_id={key}"
        await ask.nothing(201, _where(where, key))

    def _begun(self, ask: Ask, bucket: str, name: str, given: dict[str, Any]) -> str:
        home = self._shelf.bucket(bucket)
        check_predefined(ask, home)
        check_given(home, given)
        self._guard.write(ask.caller, bucket, name)
        key = secrets.token_urlsafe(24)
        conditions = {k: v for k, v in ask.params.items() if k.startswith("if")}
        Preconditions.of(conditions).check(self._shelf.find(bucket, name))
        state = {"bucket": bucket, "name": name, "given": given, "conditions": conditions}
        self._shelf.catalog.put_session(key, state)
        self._open[key] = _Session(key, state, Spool(self._shelf.incoming / key))
        return key

    async def receive(self, ask: Ask, key: str) -> None:
        if finished := self._finished(key):
            await ask.answer(200, object_bytes(self._shelf.get(*finished), ask.base))
            return
        session = self._find(key)
        async with session.turn:
            await self._receive(ask, session)

    async def cancel(self, ask: Ask, key: str) -> None:
        session = self._find(key)
        await session.spool.abandon()
        del self._open[key]
        self._shelf.catalog.drop_session(key)
        await ask.nothing(499)

    async def _receive(self, ask: Ask, session: _Session) -> None:
        span = _Span.of(ask)
        if span.start is not None:
            await self._take(ask, session.spool, span.start)
        if (span.total is not None and session.spool.size >= span.total) or not ask.header(
            b"content-range"
        ):
            await self._finish(ask, session)
        else:
            await _more(ask, session.spool.size)

    async def _take(self, ask: Ask, spool: Spool, start: int) -> None:
        """Append the chunk, less what an earlier try already brought."""
        if start > spool.size:
            raise StorageError(
                503, "backendError", f"Bytes before {start} are missing; {spool.size} are here."
            )
        skip = spool.size - start
        try:
            while (chunk := await ask.chunk()) is not None:
                if fresh := chunk[skip:]:
                    await spool.write(fresh)
                skip = max(0, skip - len(chunk))
            await spool.flush()
        except ConnectionResetError:
            await spool.flush()
            spool.cut(spool.size // QUANTUM * QUANTUM)
            raise

    async def _finish(self, ask: Ask, session: _Session) -> None:
        state, spooled = session.state, await session.spool.finish()
        try:
            verify(spooled, state["given"], ask.header(b"x-goog-hash"), "")
            row = self._shelf.commit(
                state["bucket"],
                state["name"],
                spooled,
                state["given"],
                Preconditions.of(state["conditions"]),
            )
        except StorageError:
            spooled.discard()
            self._drop(session.key)
            raise
        done = {"finished": [row.bucket, row.name, row.generation]}
        self._open.pop(session.key, None)
        self._shelf.catalog.put_session(session.key, done)
        await ask.answer(200, object_bytes(row, ask.base))

    def _drop(self, key: str) -> None:
        self._open.pop(key, None)
        self._shelf.catalog.drop_session(key)

    def _finished(self, key: str) -> tuple[str, str, int] | None:
        if key in self._open:
            return None
        state = self._shelf.catalog.session(key) or {}
        return tuple(state["finished"]) if "finished" in state else None

    def _find(self, key: str) -> _Session:
        if key in self._open:
            return self._open[key]
        state = self._shelf.catalog.session(key)
        if state is None or "bucket" not in state:
            raise StorageError(404, "notFound", "The upload session was not found.")
        spool = Spool(self._shelf.incoming / key, append=True)
        self._open[key] = _Session(key, state, spool)
        return self._open[key]

    def close(self) -> None:
        for session in self._open.values():
            session.spool.close()


def _where(url: str, key: str) -> Headers:
    return [(b"location", url.encode()), (b"x-guploader-uploadid", key.encode())]


async def _more(ask: Ask, size: int) -> None:
    extra = [(b"range", b"bytes=0-%d" % (size - 1))] if size else []
    await ask.nothing(308, extra)
