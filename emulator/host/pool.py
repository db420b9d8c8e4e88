"""The instances of one revision: scaled by concurrency, queued at the limit, ended when idle."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from emulator.host.errors import InstanceDied, NoCapacity, StartError
from emulator.host.instance import Connection, Instance, Reply

Start = Callable[[Callable[[Instance], None]], Awaitable[Instance]]
"""Starts an instance, given what to call when it ends."""


WATCH = 0.25
"""Seconds between two looks at the memory of a busy instance."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a revision asked for, and how patient the host is."""

    concurrency: int = 1
    most: int = 100
    least: int = 0
    timeout: float = 60.0
    queue: float = 10.0
    """Cloud Run: "Maximum instances": requests wait this long for a free one, then 429."""
    idle: float = 300.0
    """Seconds without a request after which an instance ends."""
    memory: int = 0
    """Bytes that one instance may hold; 0: as much as it likes."""
    grace: float = 10.0
    """Seconds between SIGTERM and SIGKILL (Cloud Run: "Container runtime contract")."""


class Resting:
    """Idle instances of all pools: beyond `most` the one that rested longest ends early."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._timers: dict[Instance, tuple[asyncio.TimerHandle, Callable[[Instance], None]]] = {}

    def lie_down(self, instance: Instance, seconds: float, end: Callable[[Instance], None]) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, self._end, instance)
        self._timers[instance] = (timer, end)
        if len(self._timers) > self._most:
            self._end(next(iter(self._timers)))

    def get_up(self, instance: Instance) -> None:
        if found := self._timers.pop(instance, None):
            found[0].cancel()

    def _end(self, instance: Instance) -> None:
        timer, end = self._timers.pop(instance)
        timer.cancel()
        end(instance)


class Watch:
    """Looks at the memory of an instance as long as a request is in it."""

    def __init__(self, instance: Instance, limit: int) -> None:
        self._instance = instance
        self._limit = limit
        self.timer = asyncio.get_running_loop().call_later(WATCH, self._look)

    def _look(self) -> None:
        self._instance.kill_for_memory(self._limit)
        self.timer = asyncio.get_running_loop().call_later(WATCH, self._look)


class Pool:
    """Takes requests for one revision."""

    def __init__(self, start: Start, limits: Limits, resting: Resting) -> None:
        self._start = start
        self._limits = limits
        self._resting = resting
        self._instances: list[Instance] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._waiting: deque[asyncio.Future[Instance]] = deque()
        self._closing = False

    @property
    def size(self) -> int:
        return len(self._instances)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Those that run now, for whoever looks on."""
        return tuple(self._instances)

    async def ask(self, data: bytes) -> Reply:
        """NoCapacity, StartError, InstanceDied, or TimeoutError when it took too long; the
        request goes on to its end even if the caller is cancelled.
        """
        instance, connection = await self._connect()
        try:
            reply = await asyncio.shield(self._watch(instance, connection, data))
        except InstanceDied:
            await instance.ended()  # so that its last words are in the log before the answer
            raise
        instance.drain()
        return reply

    async def _connect(self) -> tuple[Instance, Connection]:
        """An instance that died before it got the request is no loss: take another one."""
        while True:
            instance = self._free() or await self._wait()
            try:
                return instance, await instance.connection()
            except InstanceDied:
                self._leave(instance)
            except BaseException:
                self._leave(instance)
                raise

    def _watch(
        self, instance: Instance, connection: Connection, data: bytes
    ) -> asyncio.Future[Reply]:
        answer = connection.ask(data)

        def too_late() -> None:
            if not answer.done():
                answer.set_exception(TimeoutError())
                self._drop(instance)

        timer = asyncio.get_running_loop().call_later(self._limits.timeout, too_late)
        watch = Watch(instance, self._limits.memory) if self._limits.memory else None

        def over(answer: asyncio.Future[Reply]) -> None:
            timer.cancel()
            if watch:
                watch.timer.cancel()
            if answer.exception() is None:
                instance.give_back(connection)
            self._leave(instance)

        answer.add_done_callback(over)
        return answer

    def _drop(self, instance: Instance) -> None:
        """What is stuck in it cannot be stopped alone: end it, after its other requests."""
        if instance in self._instances:
            self._instances.remove(instance)

    # -- room for requests ------------------------------------------------------------------

    def _free(self) -> Instance | None:
        for instance in self._instances:
            if instance.busy < self._limits.concurrency and instance.alive:
                self._enter(instance)
                return instance
        return None

    async def _wait(self) -> Instance:
        place: asyncio.Future[Instance] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._grow()
        try:
            while not place.done():
                await asyncio.wait({place}, timeout=self._limits.queue)
                if not place.done() and not self._starting:
                    raise NoCapacity
            return place.result()
        except BaseException:
            self._give_up(place)
            raise

    def _give_up(self, place: asyncio.Future[Instance]) -> None:
        if place in self._waiting:
            self._waiting.remove(place)
        elif place.done() and not place.exception():
            self._leave(place.result())

    def _enter(self, instance: Instance) -> None:
        instance.busy += 1
        self._resting.get_up(instance)

    def _leave(self, instance: Instance) -> None:
        instance.busy -= 1
        if instance not in self._instances:
            if not instance.busy:
                instance.kill()
            return
        self._offer(instance)
        if not instance.busy:
            self._rest(instance)

    def _offer(self, instance: Instance) -> None:
        """Hand free room to those who wait, first come first served; it is taken from now on."""
        room = self._limits.concurrency - instance.busy
        while room > 0 and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                self._enter(instance)
                place.set_result(instance)
                room -= 1

    def _rest(self, instance: Instance) -> None:
        if self._closing:
            self._end(instance)
            return
        self._resting.lie_down(instance, self._limits.idle, self._retire)

    def _retire(self, instance: Instance) -> None:
        if len(self._instances) > self._limits.least and not instance.busy:
            self._end(instance)

    def _end(self, instance: Instance) -> None:
        if instance in self._instances:
            self._instances.remove(instance)
        self._resting.get_up(instance)
        instance.stop()
        asyncio.get_running_loop().call_later(self._limits.grace, instance.kill)

    # -- starting ---------------------------------------------------------------------------

    async def warm(self) -> None:
        """Have one instance ready; StartError when it cannot be."""
        if not self._instances:
            self._add(await self._start(self._gone))

    def _grow(self) -> None:
        """Start as many as those who wait need, within the limit."""
        needed = -(-len(self._waiting) // self._limits.concurrency) - len(self._starting)
        room = self._limits.most - len(self._instances) - len(self._starting)
        for _ in range(min(needed, room)):
            task = asyncio.get_running_loop().create_task(self._bring_up())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _bring_up(self) -> None:
        try:
            self._add(await self._start(self._gone))
        except StartError as error:
            self._fail(error)

    def _add(self, instance: Instance) -> None:
        if not instance.alive:
            raise StartError("The container ended right after its start.")
        self._instances.append(instance)
        self._offer(instance)
        if not instance.busy:
            self._rest(instance)

    def _fail(self, error: StartError) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(error)

    def _gone(self, instance: Instance) -> None:
        if instance in self._instances:
            self._instances.remove(instance)
        self._resting.get_up(instance)
        if self._waiting and not self._closing:
            self._grow()

    # -- ending -----------------------------------------------------------------------------

    def retire(self) -> None:
        """A newer revision serves: end what is idle now and the rest when it is done."""
        self._closing = True
        for instance in list(self._instances):
            if not instance.busy:
                self._end(instance)

    async def stop(self) -> None:
        self._closing = True
        starting = list(self._starting)
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        self._fail(StartError("The service is being stopped."))
        instances = list(self._instances)
        for instance in instances:
            instance.stop(signal.SIGKILL)
        await asyncio.gather(*(instance.ended() for instance in instances))
