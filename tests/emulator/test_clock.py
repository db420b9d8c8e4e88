"""Waiting goes by the wall clock, whatever somebody does to it."""

from __future__ import annotations

import asyncio
import time

from emulator.clock import RealClock


def test_a_sleeper_wakes_at_its_time_and_not_before() -> None:
    deadline = time.time() + 0.05
    asyncio.run(RealClock().sleep_until(deadline))
    assert time.time() >= deadline


def test_a_machine_that_slept_is_later_than_its_sleepers_think() -> None:
    ahead = 0.0

    async def story() -> None:
        nonlocal ahead
        clock = RealClock(lambda: time.time() + ahead, look_again=0.01)
        sleeping = asyncio.create_task(clock.sleep_until(clock.now() + 3600))
        await asyncio.sleep(0)
        ahead = 4000.0
        await asyncio.wait_for(sleeping, 5)

    asyncio.run(story())
