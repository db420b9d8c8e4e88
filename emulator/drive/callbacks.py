"""Callback endpoints of one execution: each holds at most one request that nobody awaits yet.

Workflows: "Wait using callbacks". A request is journaled before it is answered 200, so what a
caller was told to have been accepted is not lost.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.cloud import Clock
from emulator.drive.journal import Journal
from emulator.errors import ApiError, not_found
from emulator.workflows.effects import AwaitCallback, Failure, Request

Value = Any


@dataclass(slots=True)
class Endpoint:
    """One callback URL."""

    id: str
    method: str
    stored: deque[Value] = field(default_factory=deque)
    waiters: deque[asyncio.Future[Value]] = field(default_factory=deque)

    def waiting(self) -> int:
        return sum(not waiter.done() for waiter in self.waiters)


class Callbacks:
    """The endpoints of one execution, by id."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._endpoints: dict[str, Endpoint] = {}
        self._early: Mapping[str, list[Value]] = {}

    def open(self, method: str) -> Endpoint:
        endpoint = Endpoint(str(uuid.uuid4()), method)
        self._endpoints[endpoint.id] = endpoint
        return endpoint

    def all(self) -> list[Endpoint]:
        return list(self._endpoints.values())

    def receive(self, callback: str, method: str, payload: Value) -> None:
        """Take a request in, or refuse it as Google does."""
        endpoint = self._endpoints.get(callback)
        if endpoint is None or endpoint.method != method:
            raise not_found(f"callbacks/{callback}")
        if endpoint.stored:
            raise ApiError("RESOURCE_EXHAUSTED", "The callback slot is full.")
        self._journal.received(callback, payload)
        endpoint.stored.append(payload)
        _hand_over(endpoint)

    async def wait(self, callback: Mapping[str, Value], clock: Clock, deadline: float) -> Value:
        """The next request at this endpoint; a request that came in time is never lost."""
        endpoint = self._endpoints.get(id_of(callback))
        if endpoint is None:
            return Failure("the value is not a callback of this execution", ("ValueError",))
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Value] = loop.create_future()
        endpoint.waiters.append(waiter)
        _hand_over(endpoint)
        timer = loop.create_task(_sleep(clock, deadline))
        try:
            await asyncio.wait({waiter, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        if waiter.done():
            return waiter.result()
        waiter.cancel()
        return Failure("timed out waiting for the callback", ("TimeoutError",))

    # -- starting again --------------------------------------------------------------------------

    def restore(self, received: Mapping[str, list[Value]]) -> None:
        self._early = received

    def reopen(self, method: str, url: str) -> None:
        endpoint = Endpoint(url.rpartition("/")[2], method)
        endpoint.stored.extend(self._early.get(endpoint.id, ()))
        self._endpoints[endpoint.id] = endpoint

    def consumed(self, request: Request) -> None:
        """A recorded reply already told the machine of the oldest request."""
        if isinstance(request.effect, AwaitCallback):
            endpoint = self._endpoints.get(id_of(request.effect.callback))
            if endpoint and endpoint.stored:
                endpoint.stored.popleft()


async def _sleep(clock: Clock, deadline: float) -> None:
    await clock.sleep_until(deadline)


def id_of(callback: Mapping[str, Value]) -> str:
    return str(callback.get("url", "")).rpartition("/")[2]


def _hand_over(endpoint: Endpoint) -> None:
    """Give stored requests to those who wait, first come first served."""
    while endpoint.stored and endpoint.waiters:
        waiter = endpoint.waiters.popleft()
        if not waiter.done():
            waiter.set_result(endpoint.stored.popleft())
