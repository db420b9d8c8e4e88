"""One execution in motion: feeds its machine one reply at a time, each journaled before.

The order of replies is the whole of a machine's nondeterminism, so starting again is playing
the recorded ones; requests that are then still open are issued, the others never again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.cloud import Clock
from emulator.drive.callbacks import Callbacks
from emulator.drive.documents import broken
from emulator.drive.journal import Journal, Recorded
from emulator.workflows.effects import (
    CreateCallback,
    Failure,
    Outcome,
    Reply,
    Request,
    Yielded,
)

Value = Any
Machine = Generator[Yielded, Reply | None, Outcome]
BREATH = 64
"""Turns without waiting after which other executions get their chance."""

log = logging.getLogger(__name__)


class Effects(Protocol):
    """How the requests of one execution are answered."""

    def at_once(self, run: Run, request: Request) -> Reply | None:
        """The answer of what needs no waiting; None when it must be waited for."""
        ...

    def later(self, run: Run, request: Request) -> Awaitable[Value]: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """An answer that took steps of its own: polls."""

    value: Value
    steps: int


class Run:
    """Drives one machine from its first step to its outcome."""

    def __init__(
        self,
        machine: Machine,
        journal: Journal,
        effects: Effects,
        clock: Clock,
        live: asyncio.Event | None = None,
    ) -> None:
        self.live = live or asyncio.Event()
        """Set when everything recorded has been played again."""
        self.journal = journal
        self.clock = clock
        self.open: dict[int, Request] = {}
        self.callbacks = Callbacks(journal)
        self.outcome: Outcome | None = None
        self._machine = machine
        self._effects = effects
        self._replayed: float | None = None
        """When the reply that is being played again was first given; None once live."""
        self._notes: dict[int, Value] = {}
        self._fresh: list[Request] = []
        self._inbox: deque[Reply] = deque()
        self._wake: asyncio.Future[None] | None = None
        self._tasks: dict[int, asyncio.Task[None]] = {}

    @property
    def replaying(self) -> bool:
        return self._replayed is not None

    def now(self) -> float:
        return self.clock.now() if self._replayed is None else self._replayed

    # -- what a request under way has already done -------------------------------------------

    def noted(self, request: Request) -> Value | None:
        return self._notes.get(request.id)

    def note(self, request: Request, note: Value) -> None:
        self.journal.note(request.id, note)
        self._notes[request.id] = note

    # -- the turns -----------------------------------------------------------------------------

    async def drive(self, started: float) -> Outcome:
        """Until the outcome. When cancelled, everything that was under way is dropped."""
        try:
            recorded = self.journal.load()
            await self._replay(recorded, started)
            self.live.set()
            await self._go_on()
        finally:
            self._stop()
        assert self.outcome is not None
        return self.outcome

    async def _replay(self, recorded: Recorded, started: float) -> None:
        self._notes = recorded.notes
        self.callbacks.restore(recorded.received)
        if recorded.replies:
            self._replayed = started
        await self._advance(None)
        for count, (time, reply) in enumerate(recorded.replies, 1):
            if self.outcome:
                break
            if count % BREATH == 0:
                await asyncio.sleep(0)
            self._replayed = time
            self._recall(reply)
            await self._advance(reply)
        self._replayed = None

    def _recall(self, reply: Reply) -> None:
        request = self.open.get(reply.id)
        if request is None or isinstance(reply.value, Failure):
            return
        if isinstance(request.effect, CreateCallback):
            self.callbacks.reopen(request.effect.method, reply.value["url"])
        else:
            self.callbacks.consumed(request)

    async def _go_on(self) -> None:
        turns = 0
        while self.outcome is None:
            self._issue()
            turns += 1
            if not self._inbox:
                await self._message()
                turns = 0
            elif turns % BREATH == 0:
                await asyncio.sleep(0)
            await self._feed()

    async def _feed(self) -> None:
        """Journal what has arrived, then hand it over one by one."""
        batch = list(self._inbox)
        self._inbox.clear()
        self.journal.replies(self.clock.now(), batch)
        for reply in batch:
            if self.outcome is None:
                await self._advance(reply)

    async def _advance(self, reply: Reply | None) -> None:
        """One reply, and every pause until the machine wants something again."""
        if reply is not None:
            self.open.pop(reply.id, None)
        while True:
            try:
                turn = self._machine.send(reply)
            except StopIteration as end:
                self.outcome = end.value
                return
            except Exception as error:
                log.exception("the machine of an execution broke")
                self.outcome = broken(error)
                return
            self._want(turn.requests)
            if not turn.paused:
                return
            reply = None
            await asyncio.sleep(0)

    def _want(self, requests: Sequence[Request]) -> None:
        self._fresh += requests
        for request in requests:
            self.open[request.id] = request

    # -- the requests ----------------------------------------------------------------------------

    def _issue(self) -> None:
        fresh, self._fresh = self._fresh, []
        for request in fresh:
            if request.id not in self.open:
                continue
            reply = self._at_once(request)
            if reply is not None:
                self._inbox.append(reply)
            else:
                work = self._perform(request)
                self._tasks[request.id] = asyncio.get_running_loop().create_task(work)

    def _at_once(self, request: Request) -> Reply | None:
        try:
            return self._effects.at_once(self, request)
        except Exception as error:
            log.exception("%s broke", type(request.effect).__name__)
            return Reply(request.id, own_mistake(error))

    async def _perform(self, request: Request) -> None:
        try:
            value = await self._effects.later(self, request)
        except Exception as error:
            log.exception("%s broke", type(request.effect).__name__)
            value = own_mistake(error)
        self._tasks.pop(request.id, None)
        counted = value if isinstance(value, Counted) else Counted(value, 0)
        self._deliver(Reply(request.id, counted.value, counted.steps))

    def _deliver(self, reply: Reply) -> None:
        self._inbox.append(reply)
        if self._wake and not self._wake.done():
            self._wake.set_result(None)

    async def _message(self) -> None:
        if not self._tasks:
            raise RuntimeError("the machine waits for nothing")
        self._wake = asyncio.get_running_loop().create_future()
        await self._wake
        self._wake = None

    def _stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self._machine.close()


def own_mistake(error: Exception) -> Failure:
    """The emulator failed to perform a request: the workflow is told as by Google."""
    return Failure(f"{type(error).__name__}: {error}", ("SystemError",))
