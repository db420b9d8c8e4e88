"""Google's pace: quotas that refuse, builds that queue, chance that repeats."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import ApiError
from emulator.simulate import BUILDS, MUTATIONS, Simulation, SimulationError

FUNCTIONS = "/v2/projects/shop/locations/europe-west1/functions"


@dataclass
class Clock:
    time: float = 0.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Answers:
    """The ASGI app behind a simulation, and what its client hears."""

    codes: list[int] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def hear(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.codes.append(message["status"])


def ask(simulation: Simulation, method: str, path: str, times: int) -> list[int]:
    answers = Answers()
    app = simulation.around(answers)

    async def calls() -> None:
        for _ in range(times):
            await app({"type": "http", "method": method, "path": path}, None, answers.hear)

    asyncio.run(calls())
    return answers.codes


def swift() -> Simulation:
    made = Simulation.of("google:0.000001:7")
    assert made
    made.clock = Clock()
    return made


def test_one_change_of_functions_too_many_in_a_minute_is_refused() -> None:
    codes = ask(swift(), "POST", FUNCTIONS, MUTATIONS + 1)
    assert codes == [200] * MUTATIONS + [429]


def test_the_quota_is_of_a_sliding_minute_and_of_one_region() -> None:
    simulation = swift()
    clock = simulation.clock
    assert isinstance(clock, Clock)
    ask(simulation, "POST", FUNCTIONS, MUTATIONS)
    assert ask(simulation, "DELETE", f"{FUNCTIONS}/load", 1) == [429]
    assert ask(simulation, "POST", FUNCTIONS.replace("west1", "west4"), 1) == [200]
    clock.time += 61e-6
    assert ask(simulation, "DELETE", f"{FUNCTIONS}/load", 1) == [200]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", FUNCTIONS), ("POST", f"{FUNCTIONS}:generateUploadUrl"), ("PUT", "/upload/storage/v1")],
)
def test_what_changes_no_function_is_not_counted(method: str, path: str) -> None:
    assert set(ask(swift(), method, path, MUTATIONS + 5)) == {200}


def test_no_more_than_ten_builds_go_on_at_once() -> None:
    async def story() -> tuple[int, list[bool]]:
        simulation = Simulation(1.0)
        builds = [asyncio.create_task(simulation.build()) for _ in range(BUILDS + 3)]
        await asyncio.sleep(0)
        locked = simulation.building.locked()
        waiting = len(simulation.building._waiters or ())
        for build in builds:
            build.cancel()
        ended = await asyncio.gather(*builds, return_exceptions=True)
        return waiting, [locked, len(ended) == BUILDS + 3]

    assert asyncio.run(story()) == (3, [True, True])


def test_the_same_seed_takes_the_same_times() -> None:
    def times(seed: int) -> list[float]:
        chance = Simulation(1.0, seed).chance
        return [chance.gauss(90, 12) for _ in range(5)]

    assert times(7) == times(7) != times(8)


@pytest.mark.parametrize("text", ["aws", "google:", "google:fast", "google:0", "google:1:x"])
def test_a_pace_that_nobody_knows_is_refused(text: str) -> None:
    with pytest.raises(SimulationError, match="write google"):
        Simulation.of(text)


def test_the_command_line_refuses_it_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emulator", "start", "--data", str(tmp_path)]
    done = subprocess.run(
        [*command, "--simulate", "aws"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "google:0.01" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refusal_is_in_googles_words() -> None:
    simulation = swift()
    ask(simulation, "POST", FUNCTIONS, MUTATIONS)
    error = simulation.over_quota("POST", FUNCTIONS)
    assert isinstance(error, ApiError)
    assert error.status == "RESOURCE_EXHAUSTED"
    assert "per minute per region" in error.message
