"""How long compiled DAGs wait: their makespan beside the best possible one and plain barriers.

A thousand random DAGs, up to 30 blocks wide, with skewed durations, run in simulated time by
the rules of Workflows: 20 threads at once, naps that grow as `compile` writes them. The best
possible makespan is not known (the problem is NP-hard); what is printed beside is its lower
bound, the longer of the critical path and all work divided by 20, so real ratios are smaller.
Aim: within 1.05 times on average, never worse than barriers.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from statistics import mean

from deployer.compile.routines import FIRST_NAP, LONGEST_NAP, NAP_GROWTH
from deployer.dag.graph import Graph, build, levels
from deployer.dag.lanes import bottom_levels
from deployer.dag.shape import THREADS, Lanes, Parallel, Sequence, Shape, Task, shape_of
from deployer.model import BlockId

DAGS = 1000
WIDEST = 30
Seconds = Mapping[BlockId, float]
Process = Generator["float | list[Process]", None, None]
"""Yields seconds to sleep, or processes to start and wait for."""


def main() -> None:
    random = Random(20)  # the same DAGs every time
    found = [measured(random) for _ in range(DAGS)]
    print(f"  {DAGS} random DAGs, 10 to 120 blocks, up to {WIDEST} wide, log-normal durations")
    print(f"  {'makespan / lower bound':44}{'mean':>8}{'worst':>8}")
    for name in ("barriers", "unknown", "known"):
        ratios = [row[name] / row["bound"] for row in found]
        print(f"  {WORDS[name]:44}{mean(ratios):8.3f}{max(ratios):8.3f}")
    for name in ("unknown", "known"):
        ratios = [row[name] / row["barriers"] for row in found]
        worse = sum(ratio > 1 for ratio in ratios)
        print(
            f"  {WORDS[name]} / barriers: mean {mean(ratios):.3f}, worst {max(ratios):.3f}"
            f" ({worse} of {DAGS} worse)"
        )
    print("  aims: known durations ≤ 1.05 × on average, none worse than barriers")


WORDS = {
    "barriers": "plain barriers between levels",
    "unknown": "compiled, durations unknown",
    "known": "compiled, usual durations known",
}


def measured(random: Random) -> dict[str, float]:
    edges = dag(random)
    graph = build(edges)
    seconds = {name: random.lognormvariate(3, 1.2) for name in edges}
    return {
        "bound": bound(graph, seconds),
        "barriers": makespan(barriers(graph), seconds),
        "unknown": makespan(shape_of(graph), seconds),
        "known": makespan(shape_of(graph, seconds), seconds),
    }


def dag(random: Random) -> dict[BlockId, list[BlockId]]:
    """Layers of random size; each block depends on some of the last layers."""
    count, edges = random.randint(10, 120), dict[BlockId, list[BlockId]]()
    rows: list[list[BlockId]] = []
    reach, width = random.randint(1, 3), random.randint(2, WIDEST)
    while len(edges) < count:
        row = [BlockId(f"b{len(edges) + n}") for n in range(random.randint(1, width))]
        above = [name for old in rows[-reach:] for name in old]
        for name in row:
            wanted = min(len(above), random.choice((1, 1, 2, 2, 3, 5)))
            edges[name] = random.sample(above, wanted)
        rows.append(row)
    return edges


def bound(graph: Graph, seconds: Seconds) -> float:
    longest = max(bottom_levels(graph, graph.all, seconds).values())
    return max(longest, sum(seconds.values()) / THREADS)


def barriers(graph: Graph) -> Shape:
    parts = (tuple(Task(graph.names[n]) for n in level) for level in levels(graph))
    return Sequence(tuple(Parallel(tasks) for tasks in parts))


def makespan(shape: Shape, seconds: Seconds) -> float:
    return Simulation(seconds).run(shape)


@dataclass(slots=True)
class Thread:
    """A process that runs, and whom to tell of its end."""

    process: Process
    ended: Callable[[], None]
    forked: bool = True
    """Holds one of the 20 places."""


@dataclass(slots=True)
class Simulation:
    """Threads in virtual time; a fork queues what finds no place."""

    seconds: Seconds
    now: float = 0.0
    free: int = THREADS
    queue: deque[Thread] = field(default_factory=deque)
    sleeping: list[tuple[float, int, Thread]] = field(default_factory=list)
    done: set[BlockId] = field(default_factory=set)
    count: int = 0

    def run(self, shape: Shape) -> float:
        self.step(Thread(self.process(shape), lambda: None, forked=False))
        while self.sleeping:
            self.now, _, thread = heapq.heappop(self.sleeping)
            self.step(thread)
        return self.now

    def step(self, thread: Thread) -> None:
        try:
            asked = next(thread.process)
        except StopIteration:
            self.end(thread)
            return
        if isinstance(asked, list):
            self.fork(thread, asked)
        else:
            self.count += 1
            heapq.heappush(self.sleeping, (self.now + asked, self.count, thread))

    def fork(self, parent: Thread, processes: list[Process]) -> None:
        left = [len(processes)]

        def ended() -> None:
            left[0] -= 1
            if not left[0]:
                self.step(parent)

        self.queue.extend(Thread(process, ended) for process in processes)
        self.admit()

    def admit(self) -> None:
        while self.free and self.queue:
            self.free -= 1
            self.step(self.queue.popleft())

    def end(self, thread: Thread) -> None:
        self.free += thread.forked
        thread.ended()
        self.admit()

    # --- what the shapes do

    def process(self, shape: Shape) -> Process:
        match shape:
            case Task(id=name):
                yield self.seconds[name]
                self.done.add(name)
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
            for pause in naps():
                if self.done.issuperset(waits.get(name, ())):
                    break
                yield pause
            yield self.seconds[name]
            self.done.add(name)


def naps() -> Iterator[float]:
    pause = FIRST_NAP
    while True:
        yield pause
        pause = min(pause * NAP_GROWTH, LONGEST_NAP)


if __name__ == "__main__":
    main()
