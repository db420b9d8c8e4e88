"""Google's pace: how long its builds and calls take, and how many of them it lets one make.

`emulator start --simulate google` waits as the cloud would and refuses (429) what it would;
`google:0.01` does so a hundred times faster, `google:0.01:7` with chance seeded by 7. What is
waited for is told from nothing but the request, so a client cannot tell it from the real thing.

Figures: a build takes about a minute and a half, ten go on at once (Cloud Build: Quotas); 60
changes of functions a minute, project and region (Cloud Run functions: Quotas).
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from emulator.errors import ApiError
from emulator.wire import refusal

Asgi = Callable[..., Awaitable[None]]
Clock = Callable[[], float]
FUNCTIONS = re.compile(r"/v2/projects/([^/]+)/locations/([^/]+)/functions(?:/[^/:]+)?/?")
CONTROL = re.compile(r"/v[123](?:beta\d*)?/")
"""Management calls; storage, deployed services and our own control answer at once."""
CHANGES = frozenset({"POST", "PATCH", "DELETE"})
MUTATIONS = 60
MINUTE = 60.0
BUILDS = 10
BUILD = (90.0, 12.0)
"""Seconds: mean and spread."""
ROLLOUT = (8.0, 2.0)
"""From a built image to a revision that serves."""
CALL = (0.12, 0.05)
LEAST = 0.3
"""Of a mean: nothing is ever faster."""


class SimulationError(ValueError):
    """`--simulate` was given something that it does not know."""


@dataclass(slots=True)
class Simulation:
    """One cloud's pace."""

    factor: float = 1.0
    """Of all times: 0.01 makes a minute 0.6 seconds."""
    seed: int = 0
    clock: Clock | None = None
    chance: random.Random = field(init=False)
    building: asyncio.Semaphore = field(init=False)
    changes: dict[tuple[str, str], deque[float]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - chance, no secret
        self.building = asyncio.Semaphore(BUILDS)

    @classmethod
    def of(cls, text: str) -> Self | None:
        """`google`, `google:0.01` or `google:0.01:7`; None when nothing is simulated."""
        if not text:
            return None
        found = re.fullmatch(r"google(?::(\d+(?:\.\d+)?)(?::(\d+))?)?", text)
        if not found or float(found[1] or 1) <= 0:
            raise SimulationError(f"{text!r}: write google, google:0.01 or google:0.01:7")
        return cls(float(found[1] or 1), int(found[2] or 0))

    async def build(self) -> None:
        """A turn among ten, and then the time that a build takes."""
        async with self.building:
            await self.wait(BUILD)

    async def rollout(self) -> None:
        await self.wait(ROLLOUT)

    async def wait(self, about: tuple[float, float]) -> None:
        mean, spread = about
        seconds = max(mean * LEAST, self.chance.gauss(mean, spread))
        await asyncio.sleep(seconds * self.factor)

    def around(self, app: Asgi) -> Asgi:
        """The app as it answers over such a network, within such quotas."""

        async def paced(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and CONTROL.match(scope["path"]):
                await self.wait(CALL)
                if refused := self.over_quota(scope["method"], scope["path"]):
                    await refusal(refused)(scope, receive, send)
                    return
            await app(scope, receive, send)

        return paced

    def over_quota(self, method: str, path: str) -> ApiError | None:
        """A window of a minute slides over the changes of each project and region."""
        found = FUNCTIONS.fullmatch(path)
        if not found or method not in CHANGES:
            return None
        now = self.now()
        window = self.changes.setdefault((found[1], found[2]), deque())
        while window and window[0] <= now - MINUTE * self.factor:
            window.popleft()
        if len(window) >= MUTATIONS:
            return exceeded(found[1], found[2])
        window.append(now)
        return None

    def now(self) -> float:
        return self.clock() if self.clock else asyncio.get_running_loop().time()


def exceeded(project: str, region: str) -> ApiError:
    return ApiError(
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Per project mutation requests' and limit 'Per project "
        "mutation requests per minute per region' of service 'cloudfunctions.googleapis.com' for "
        f"consumer 'project:{project}' in region {region}.",
    )
