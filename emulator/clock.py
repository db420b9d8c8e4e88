"""Time, as the services see it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

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


def rfc3339(seconds: float) -> str:
    """`2026-01-31T12:00:00.123456Z`, as Google's JSON writes google.protobuf.Timestamp."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unix(text: str) -> float:
    """Seconds of an RFC 3339 time; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.timestamp()
