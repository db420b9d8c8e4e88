"""One server-sent stream for everything that happens, with resume.

A browser that lost its connection names the last event that it saw; it gets what it missed
from a ring of recent events. Too old a name gets one `files_changed`, so that it reads all anew.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any, Literal

from studio.server.messages import Event

KEPT = 1000
PING_SECONDS = 15.0
Kind = Literal["files_changed", "block_run", "run_changed", "log", "deploy", "toast", "ping"]


class Events:
    """Publish from any thread; each browser follows at its own pace."""

    def __init__(self) -> None:
        self._recent: deque[Event] = deque(maxlen=KEPT)
        self._next = 1
        self._lock = threading.Lock()
        self._ended = False
        self._wakers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def publish(self, kind: Kind, **data: Any) -> Event:
        with self._lock:
            event = Event(self._next, kind, data)
            self._next += 1
            self._recent.append(event)
            wakers = list(self._wakers)
        for loop, waker in wakers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(waker.set)
        return event

    def end(self) -> None:
        """Every stream ends, so that no open page holds up the end of Studio."""
        self._ended = True
        for loop, waker in list(self._wakers):
            if not loop.is_closed():
                loop.call_soon_threadsafe(waker.set)

    def after(self, last: int) -> list[Event]:
        """What happened since event `last`; a fresh start when that is not known any more."""
        with self._lock:
            if last >= self._next or (self._recent and last + 1 < self._recent[0].id):
                return [Event(self._next - 1, "files_changed", {"all": True})]
            return [event for event in self._recent if event.id > last]

    @property
    def last(self) -> int:
        return self._next - 1

    async def follow(self, last: int) -> AsyncIterator[Event]:
        """Events after `last` until the end; a ping when nothing happens."""
        waker = asyncio.Event()
        entry = (asyncio.get_running_loop(), waker)
        self._wakers.add(entry)
        try:
            while not self._ended:
                waker.clear()
                for event in self.after(last):
                    last = event.id
                    yield event
                try:
                    await asyncio.wait_for(waker.wait(), PING_SECONDS)
                except TimeoutError:
                    yield Event(last, "ping")
        finally:
            self._wakers.discard(entry)


def encoded(event: Event) -> str:
    """One message of a text/event-stream."""
    return f"id: {event.id}\ndata: {json.dumps(asdict(event), default=str)}\n\n"
