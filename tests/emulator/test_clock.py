"""Waiting goes by the wall clock, whatever somebody does to it."""

from __future__ import annotations

import asyncio
import time

from emulator.clock import RealClock, VirtualClock, working


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


# -- virtual time ----------------------------------------------------------------------------


def test_virtual_time_moves_only_when_told_and_wakes_everybody_at_their_time() -> None:
    clock, seen = VirtualClock(1000.0), []

    async def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            await clock.sleep_until(clock.now() + nap)
            seen.append((name, clock.now()))

    async def story() -> None:
        tasks = [asyncio.create_task(sleeper("a", 10, 10)), asyncio.create_task(sleeper("b", 15))]
        await asyncio.sleep(0.02)
        assert seen == []
        assert await clock.move(1030.0) == 3
        assert clock.now() == 1030.0
        await asyncio.gather(*tasks)

    asyncio.run(story())
    assert seen == [("a", 1010.0), ("b", 1015.0), ("a", 1020.0)]


def test_virtual_time_waits_for_work_that_takes_real_time() -> None:
    clock, seen = VirtualClock(0.0), []

    async def worker() -> None:
        await clock.sleep_until(10.0)
        with working(clock):
            await asyncio.sleep(0.1)
        seen.append(clock.now())

    async def story() -> None:
        task = asyncio.create_task(worker())
        await clock.move(1000.0)
        await task

    asyncio.run(story())
    assert seen == [10.0]


def test_who_no_longer_waits_is_forgotten() -> None:
    clock = VirtualClock(0.0)

    async def story() -> None:
        task = asyncio.create_task(clock.sleep_until(10.0))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await clock.move(20.0) == 0

    asyncio.run(story())
