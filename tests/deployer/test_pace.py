"""Tokens and patience, on a clock that only tests move."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from deployer.errors import Busy, Conflict, NotAllowed
from deployer.pace import Patience, TokenBucket, persist


@dataclass
class Clock:
    """Sleeping is instant, and remembered."""

    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(60, clock, burst=2)
    for _ in range(5):
        bucket.take()
    assert clock.slept == pytest.approx([0, 0, 1, 1, 1])


def test_no_limit_never_waits() -> None:
    clock = Clock()
    bucket = TokenBucket(None, clock)
    for _ in range(1000):
        bucket.take()
    assert clock.slept == []


def test_waits_are_within_bounds_that_double() -> None:
    patience = Patience(first=5, longest=60, tries=8)
    delays = list(patience.delays(random.Random(1)))
    bounds = [5, 10, 20, 40, 60, 60, 60]
    assert len(delays) == len(bounds)
    assert all(0 <= delay <= bound for delay, bound in zip(delays, bounds, strict=True))


def test_persistence_ends_with_the_last_error() -> None:
    clock, calls = Clock(), []

    def call() -> None:
        calls.append(1)
        raise Busy("quota")

    said: list[str] = []
    with pytest.raises(Busy):
        persist(call, Patience(1, 1, tries=3), clock, said.append)
    assert len(calls) == 3
    assert said == ["waiting: quota"] * 2


@pytest.mark.parametrize("error", [NotAllowed("no"), Conflict("theirs", "rename it")])
def test_what_waiting_does_not_mend_is_raised_at_once(error: Exception) -> None:
    clock = Clock()

    def call() -> None:
        raise error

    with pytest.raises(type(error)):
        persist(call, Patience(), clock)
    assert clock.slept == []
