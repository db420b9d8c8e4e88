"""DAG → Sequence | Parallel | Lanes | Task: what runs after what, and what side by side.

Workflows knows one way to run things side by side: `parallel`, which forks and waits for all
(at most 10 branches, nested at most twice, 20 threads at once; Google: "Quotas and limits").

A DAG whose order is series-parallel maps onto nested `parallel` exactly: no block waits for a
block that it does not depend on. For any other part, and where the limits forbid nesting, a
barrier would add waiting. Such a part becomes *lanes* instead: at most 20 threads, each
running some blocks in order, each block waiting (in `sys.sleep_until`, which costs nothing)
just for its own upstream blocks. Lanes cannot deadlock: every lane holds its blocks in one
common topological order, so of all unfinished blocks the first in that order is at the head
of its lane and waits for nothing; and all lanes start, as there are never more than threads.

With at most 20 lanes, cutting the order into chains (`lanes.chains`: every block in a lane
depends on the one before) makes each block start the moment its upstream is done. Only a part
in which more than 20 blocks are independent shares lanes between chains; `lanes.scheduled`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from deployer.dag.graph import Bits, Graph, levels, members
from deployer.dag.lanes import LANES, lanes
from deployer.model import BlockId

DEPTH = 2
"""Workflows: nesting of parallel steps."""
THREADS = 20
"""Workflows: branches and iterations at once in one execution."""
NESTED_BRANCHES = 10
"""Outer branches that leave threads for the inner ones."""


@dataclass(frozen=True, slots=True)
class Task:
    """One block."""

    id: BlockId


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Side by side; done when all are."""

    branches: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Side by side, each block waiting just for its own upstream in other lanes."""

    lanes: tuple[tuple[BlockId, ...], ...]
    waits: Mapping[BlockId, tuple[BlockId, ...]] = field(default_factory=dict)
    shared: bool = False
    """Lanes hold blocks that do not depend on each other: somebody may wait for a thread."""


Shape = Task | Sequence | Parallel | Lanes


def shape_of(
    graph: Graph,
    weights: Mapping[BlockId, float] | None = None,
    wide: frozenset[BlockId] = frozenset(),
    most: int | None = None,
) -> Shape:
    """The shape of a whole pipeline. `wide` blocks (dynamic children) fork by themselves.
    At `most` so many blocks run at once, if that is given (Mage: block_run_limit).
    """
    shaper = _Shaper(graph, weights or {}, wide, most or LANES)
    return sequence(shaper.fitted(part) for part in shaper.series(graph.all))


@dataclass(frozen=True, slots=True)
class _Shaper:
    graph: Graph
    weights: Mapping[BlockId, float]
    wide: frozenset[BlockId]
    most: int

    def fitted(self, nodes: Bits) -> Shape:
        """A part of the outermost sequence: exact where the limits allow, else lanes."""
        exact = self.exact(nodes)
        if exact is not None and self.fits(exact):
            return exact
        return self.one_by_one(nodes) if self.is_narrow(nodes) else self.as_lanes(nodes)

    def is_narrow(self, nodes: Bits) -> bool:
        """Loops of dynamic children take as many threads as they are allowed."""
        return self.most == 1 or (self.most < LANES and self.forks_within(nodes))

    def forks_within(self, nodes: Bits) -> bool:
        return any(self.graph.names[n] in self.wide for n in members(nodes))

    def one_by_one(self, nodes: Bits) -> Shape:
        return Sequence(tuple(Task(self.graph.names[n]) for n in members(nodes)))

    def exact(self, nodes: Bits) -> Shape | None:
        """Nested sequences and parallels that add no waiting; None where there are none."""
        if nodes & (nodes - 1) == 0:
            return Task(self.graph.names[nodes.bit_length() - 1])
        apart = self.components(nodes)
        pieces = apart if len(apart) > 1 else self.series(nodes)
        if len(pieces) == 1:
            return None
        shapes = [self.exact(piece) for piece in pieces]
        if any(shape is None for shape in shapes):
            return None
        whole = tuple(shape for shape in shapes if shape is not None)
        return Parallel(whole) if len(apart) > 1 else Sequence(tuple(_flat(whole)))

    def fits(self, shape: Shape) -> bool:
        if self.most < LANES and self.width(shape) > self.most:
            return False
        return self.depth(shape) <= DEPTH and all(
            len(fork.branches) <= NESTED_BRANCHES or self.depth(fork) == 1 for fork in forks(shape)
        )

    def width(self, shape: Shape) -> int:
        """How many blocks may run at once."""
        match shape:
            case Task(id=name):
                return self.most if name in self.wide else 1
            case Sequence(parts=parts):
                return max(self.width(part) for part in parts)
            case Parallel(branches=branches):
                return sum(self.width(branch) for branch in branches)
            case Lanes(lanes=lanes):
                return len(lanes)

    def depth(self, shape: Shape) -> int:
        match shape:
            case Task(id=name):
                return 1 if name in self.wide else 0
            case Sequence(parts=parts):
                return max(self.depth(part) for part in parts)
            case Parallel(branches=branches):
                return 1 + max(self.depth(branch) for branch in branches)
            case Lanes():
                return 1

    def as_lanes(self, nodes: Bits) -> Lanes:
        """Half of the threads when blocks within fork: they need threads of their own."""
        threads = LANES // 2 if self.forks_within(nodes) else LANES
        plan = lanes(self.graph, nodes, self.weights, min(threads, self.most))
        names = self.graph.names
        return Lanes(
            tuple(tuple(names[n] for n in lane) for lane in plan.lanes),
            {names[n]: tuple(names[up] for up in ups) for n, ups in plan.waits.items()},
            plan.shared,
        )

    def components(self, nodes: Bits) -> list[Bits]:
        """Parts with no order between them."""
        found = []
        while nodes:
            part = self._reached(nodes)
            found.append(part)
            nodes &= ~part
        return found

    def _reached(self, nodes: Bits) -> Bits:
        reached = frontier = nodes & -nodes
        while frontier:
            near = 0
            for node in members(frontier):
                near |= self.graph.ancestors[node] | self.graph.descendants[node]
            frontier = near & nodes & ~reached
            reached |= frontier
        return reached

    def series(self, nodes: Bits) -> list[Bits]:
        """Parts of which each wholly precedes the next."""
        order = sorted(members(nodes), key=lambda n: (self.graph.ancestors[n] & nodes).bit_count())
        common = [nodes] * (len(order) + 1)  # ancestors of every node from here on
        for place in range(len(order) - 1, -1, -1):
            common[place] = common[place + 1] & self.graph.ancestors[order[place]]
        return list(self._cut(order, common))

    def _cut(self, order: list[int], common: list[Bits]) -> Iterator[Bits]:
        part = before = 0
        for place, node in enumerate(order):
            if part and before & ~common[place] == 0:
                yield part
                part = 0
            part |= 1 << node
            before |= 1 << node
        if part:
            yield part


def _flat(parts: list[Shape] | tuple[Shape, ...]) -> Iterator[Shape]:
    for part in parts:
        if isinstance(part, Sequence):
            yield from part.parts
        else:
            yield part


def forks(shape: Shape) -> Iterator[Parallel]:
    """Every Parallel in a shape, outermost first."""
    match shape:
        case Sequence(parts=parts):
            for part in parts:
                yield from forks(part)
        case Parallel(branches=branches):
            yield shape
            for branch in branches:
                yield from forks(branch)


def lanes_in(shape: Shape) -> Iterator[Lanes]:
    """Every Lanes in a shape; they stand in the outermost sequence only."""
    match shape:
        case Lanes():
            yield shape
        case Sequence(parts=parts):
            yield from (part for part in parts if isinstance(part, Lanes))


def blocks_of(shape: Shape) -> Iterator[BlockId]:
    """Every block in a shape, in the order of writing."""
    match shape:
        case Task(id=name):
            yield name
        case Sequence(parts=parts) | Parallel(branches=parts):
            for part in parts:
                yield from blocks_of(part)
        case Lanes(lanes=lanes):
            yield from (name for lane in lanes for name in lane)


def parts_of(shape: Shape) -> tuple[Shape, ...]:
    """Of the outermost sequence."""
    return shape.parts if isinstance(shape, Sequence) else (shape,)


def sequence(shapes: Iterable[Shape]) -> Shape:
    """One after the other, without sequences in sequences."""
    parts = tuple(_flat(tuple(shapes)))
    return parts[0] if len(parts) == 1 else Sequence(parts)


def levelled(graph: Graph, shape: Shape, most: int | None = None) -> Shape:
    """Lanes replaced by one barrier after each level: shorter to write, more waiting."""
    return sequence(
        barriers(graph, part, most) if isinstance(part, Lanes) else part for part in parts_of(shape)
    )


def barriers(graph: Graph, part: Shape, most: int | None = None) -> Shape:
    """Level after level."""
    return sequence(_barriers(graph, frozenset(blocks_of(part)), most))


def _barriers(graph: Graph, inside: frozenset[BlockId], most: int | None) -> Iterator[Shape]:
    for level in levels(graph):
        tasks = tuple(Task(graph.names[n]) for n in level if graph.names[n] in inside)
        for at in range(0, len(tasks), most or len(tasks) or 1):
            group = tasks[at : at + most] if most else tasks
            yield group[0] if len(group) == 1 else Parallel(group)
