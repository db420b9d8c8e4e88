"""How fast and how often a target may be asked: token bucket, backoff with full jitter."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from deployer.errors import Busy, CloudError, Conflict, Unreachable

T = TypeVar("T")
WORTH_ANOTHER_TRY = (Busy, Conflict, Unreachable)


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class RealClock:
    """Monotonic seconds; sleeping ends early when somebody asks to stop."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.stopped.wait(seconds)


@dataclass(slots=True)
class TokenBucket:
    """At most `per_minute` takes a minute, `burst` of them at once; None: no limit."""

    per_minute: float | None
    clock: Clock
    burst: float = 8.0
    tokens: float = field(init=False)
    last: float = field(init=False)
    lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.tokens = self.burst
        self.last = self.clock.now()

    def take(self) -> None:
        if self.per_minute is not None:
            self.clock.sleep(self.wait())

    def wait(self) -> float:
        """Seconds until the token that this call takes will be there."""
        with self.lock:
            rate = (self.per_minute or 0) / 60
            now = self.clock.now()
            self.tokens = min(self.burst, self.tokens + (now - self.last) * rate)
            self.last = now
            self.tokens -= 1
            return max(0.0, -self.tokens / rate)


@dataclass(frozen=True, slots=True)
class Patience:
    """Full jitter: each wait is anything from nothing to a bound that doubles each time."""

    first: float = 5.0
    longest: float = 60.0
    tries: int = 8

    def delays(self, chance: random.Random) -> Iterator[float]:
        bound = self.first
        for _ in range(self.tries - 1):
            yield chance.uniform(0, bound)
            bound = min(bound * 2, self.longest)


READS = Patience(0.5, 8.0, tries=5)
"""Some seconds in all: somebody waits before the screen for what is read."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard a target may be pushed."""

    workers: int = 8
    per_minute: float | None = None
    """Function mutations a minute (Cloud Functions: Quotas)."""
    patience: Patience = field(default_factory=Patience)
    reads: Patience = READS


def persist(
    call: Callable[[], T],
    patience: Patience,
    clock: Clock,
    report: Callable[[str], None] = lambda _: None,
    chance: random.Random | None = None,
) -> T:
    """Repeat a call that can be repeated until it works or patience ends."""
    for delay in patience.delays(chance or random.Random()):  # noqa: S311 - jitter, no secret
        try:
            return call()
        except WORTH_ANOTHER_TRY as error:
            if final(error):
                raise
            report(f"waiting: {first_line(error)}")
            clock.sleep(delay)
    return call()


def final(error: CloudError) -> bool:
    """A conflict with a hint is with somebody else's thing: waiting does not mend it."""
    return isinstance(error, Conflict) and bool(error.hint)


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
