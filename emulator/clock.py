"""Time, as the services see it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class RealClock:
    """The machine's own time."""

    def now(self) -> float:
        return time.time()

    async def sleep_until(self, deadline: float) -> None:
        while (left := deadline - time.time()) > 0:
            await asyncio.sleep(left)


def rfc3339(seconds: float) -> str:
    """`2026-01-31T12:00:00.123456Z`, as Google's JSON writes google.protobuf.Timestamp."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unix(text: str) -> float:
    """Seconds of an RFC 3339 time; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment.timestamp()
