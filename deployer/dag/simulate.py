"""How long a shape takes, by the rules of Workflows, when each block takes so many seconds.

Twenty threads run at once; what finds no place waits in the order in which it came; a thread
that waits for its own parallel step holds no place, one that naps in a lane does.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

from deployer.dag.naps import waited
from deployer.dag.shape import THREADS, Lanes, Parallel, Sequence, Shape, Task
from deployer.model import BlockId

Seconds = Mapping[BlockId, float]


@dataclass(frozen=True, slots=True)
class Until:
    """Naps until these blocks are done."""

    done: tuple[BlockId, ...]


Process = Generator["float | Until | list[Process]", None, None]
"""Yields seconds to work, blocks to wait for, or processes to start and wait for."""


def makespan(shape: Shape, seconds: Seconds) -> float:
    """Seconds from the first block's start to the last one's end."""
    return _Simulation(seconds).run(shape)


@dataclass(slots=True, eq=False)
class _Thread:
    """A process that runs, and whom to tell of its end."""

    process: Process
    ended: Callable[[], None]
    forked: bool = True
    """Holds one of the places."""


@dataclass(slots=True)
class _Simulation:
    seconds: Seconds
    now: float = 0.0
    free: int = THREADS
    queue: deque[_Thread] = field(default_factory=deque)
    working: list[tuple[float, int, _Thread]] = field(default_factory=list)
    """(end, number, thread), a heap."""
    done: dict[BlockId, float] = field(default_factory=dict)
    waiting: dict[BlockId, list[tuple[_Thread, Until, float]]] = field(default_factory=dict)
    """Threads by a block that they wait for, and since when."""
    count: int = 0

    def run(self, shape: Shape) -> float:
        self.step(_Thread(self.process(shape), lambda: None, forked=False))
        while self.working:
            self.now, _, thread = heapq.heappop(self.working)
            self.step(thread)
        return self.now

    def step(self, thread: _Thread) -> None:
        try:
            asked = next(thread.process)
        except StopIteration:
            self.end(thread)
            return
        if isinstance(asked, list):
            self.fork(thread, asked)
        elif isinstance(asked, Until):
            self.wait(thread, asked, self.now)
        else:
            self.wake(thread, self.now + asked)

    def wake(self, thread: _Thread, at: float) -> None:
        self.count += 1
        heapq.heappush(self.working, (at, self.count, thread))

    def wait(self, thread: _Thread, until: Until, since: float) -> None:
        missing = next((name for name in until.done if name not in self.done), None)
        if missing is None:
            self.wake(thread, since + waited(self.now - since))
        else:
            self.waiting.setdefault(missing, []).append((thread, until, since))

    def finish(self, name: BlockId) -> None:
        self.done[name] = self.now
        for thread, until, since in self.waiting.pop(name, ()):
            self.wait(thread, until, since)

    def fork(self, parent: _Thread, processes: list[Process]) -> None:
        left = [len(processes)]

        def ended() -> None:
            left[0] -= 1
            if not left[0]:
                self.step(parent)

        self.queue.extend(_Thread(process, ended) for process in processes)
        self.admit()

    def admit(self) -> None:
        while self.free and self.queue:
            self.free -= 1
            self.step(self.queue.popleft())

    def end(self, thread: _Thread) -> None:
        self.free += thread.forked
        thread.ended()
        self.admit()

    # -- what the shapes do

    def process(self, shape: Shape) -> Process:
        match shape:
            case Task(id=name):
                yield self.seconds[name]
                self.finish(name)
            case Sequence(parts=parts):
                for part in parts:
                    yield from self.process(part)
            case Parallel(branches=branches):
                yield [self.process(branch) for branch in branches]
            case Lanes(lanes=lanes, waits=waits):
                yield [self.lane(lane, waits) for lane in lanes]

    def lane(
        self, names: tuple[BlockId, ...], waits: Mapping[BlockId, tuple[BlockId, ...]]
    ) -> Process:
        for name in names:
            if above := waits.get(name, ()):
                yield Until(above)
            yield from self.process(Task(name))
