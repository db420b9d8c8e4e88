"""Time, as the services see it: the machine's own, or one that tests move."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LOOK_AGAIN = 30.0
"""Seconds after which a sleeper looks at the clock again."""


class RealClock:
    """The machine's own time."""

    def __init__(
        self, time: Callable[[], float] = time.time, look_again: float = LOOK_AGAIN
    ) -> None:
        self._time = time
        self._look_again = look_again

    def now(self) -> float:
        return self._time()

    async def sleep_until(self, deadline: float) -> None:
        """By the wall clock, also when somebody sets it or the machine sleeps in the meantime."""
        while (left := deadline - self._time()) > 0:
            await asyncio.sleep(min(left, self._look_again))


QUIET = 3
"""Pauses in a row in which nobody did anything: then everything due has been done."""
PAUSE = 0.001
PATIENCE = 60.0
"""Seconds of real time that one moment's work may take before time moves on without it."""


@dataclass
class VirtualClock:
    """Time that stands still until somebody moves it.

    Whatever is due in the meantime happens at its time and in its order: each sleeper is woken
    with the clock at its deadline, and the next one only when what the first began has been done.
    """

    time: float
    on_move: Callable[[float], None] = lambda _: None
    """Told where time stands, so that it can be kept."""
    _waits: list[tuple[float, int, asyncio.Event]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _asked: int = 0
    """How often somebody looked at the clock: who works, does."""
    _working: int = 0
    _moving: asyncio.Lock = field(default_factory=asyncio.Lock)

    def now(self) -> float:
        self._asked += 1
        return self.time

    async def sleep_until(self, deadline: float) -> None:
        self._asked += 1
        if deadline <= self.time:
            return
        wait = (deadline, next(self._numbers), asyncio.Event())
        heapq.heappush(self._waits, wait)
        try:
            await wait[2].wait()
        except asyncio.CancelledError:
            if wait in self._waits:
                self._waits.remove(wait)
                heapq.heapify(self._waits)
            raise

    @contextmanager
    def working(self) -> Iterator[None]:
        """Something is under way whose end takes real time."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1
            self._asked += 1

    async def move(self, until: float) -> int:
        """How many sleepers were woken on the way."""
        async with self._moving:
            woken = 0
            await self._settle()
            while self._waits and self._waits[0][0] <= until:
                deadline, _, event = heapq.heappop(self._waits)
                self.time = max(self.time, deadline)
                event.set()
                woken += 1
                await self._settle()
            self.time = max(self.time, until)
            self.on_move(self.time)
            await self._settle()
            return woken

    async def _settle(self) -> None:
        """Until nothing is under way and nobody has done anything for a moment."""
        end, quiet, seen = time.monotonic() + PATIENCE, 0, -1
        while quiet < QUIET and time.monotonic() < end:
            for _ in range(10):
                await asyncio.sleep(0)
            quiet = quiet + 1 if seen == self._asked and not self._working else 0
            seen = self._asked
            if quiet < QUIET:
                await asyncio.sleep(PAUSE)


@contextmanager
def working(clock: Any) -> Iterator[None]:
    """Around what takes real time: virtual time stands still until it is over."""
    if not isinstance(clock, VirtualClock):
        yield
        return
    with clock.working():
        yield


def told_lifetime(clock: Any, seconds: int) -> int:
    """How long clients may keep a token. Theirs is the machine's time: where ours is another,
    they ask again each time.
    """
    return 2 if isinstance(clock, VirtualClock) else seconds


def rfc3339(seconds: float) -> str:
    """`2026-01-31T12:00:00.123456Z`, as Google's JSON writes google.protobuf.Timestamp."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unix(text: str) -> float:
    """Seconds of an RFC 3339 time; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.timestamp()
