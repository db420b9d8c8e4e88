"""A DAG on a few threads: chains when they suffice, a list schedule when they do not."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deployer.dag.graph import Bits, Graph, bits, members
from deployer.model import BlockId

LANES = 20
"""Workflows: branches and iterations at once in one execution."""

Lane = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which thread runs which nodes, in which order, and what each must wait for."""

    lanes: tuple[Lane, ...]
    waits: Mapping[int, tuple[int, ...]]
    """node → upstream nodes in other lanes that no earlier node of its lane waited for."""
    shared: bool


def lanes(graph: Graph, nodes: Bits, weights: Mapping[BlockId, float], most: int) -> Plan:
    """At most `most` lanes over these nodes."""
    found = chains(graph, nodes)
    shared = len(found) > most
    if shared:
        found = scheduled(graph, nodes, weights, most)
    ordered = tuple(sorted(tuple(lane) for lane in found))
    return Plan(ordered, dict(_waits(graph, nodes, ordered)), shared)


def _waits(
    graph: Graph, nodes: Bits, found: tuple[Lane, ...]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    for lane in found:
        known = ~nodes  # everything before this part is done already
        for node in lane:
            if missing := graph.upstream[node] & ~known:
                yield node, tuple(members(missing))
            known |= graph.ancestors[node] | 1 << node


def chains(graph: Graph, nodes: Bits) -> list[Lane]:
    """The fewest chains that hold all nodes (Dilworth), each node depending on the last.

    A chain is a path of a matching between nodes and nodes that follow them; the largest
    matching leaves the fewest chain ends.
    """
    after = _Matching(graph, nodes).found()
    followers = bits(after.values())
    found = []
    for first in members(nodes & ~followers):
        lane = [first]
        while lane[-1] in after:
            lane.append(after[lane[-1]])
        found.append(tuple(lane))
    return found


class _Matching:
    """Pairs of a node and one that follows it, as many as can be (Kuhn's algorithm).

    Edges of the DAG are preferred to longer ways, and early followers to late ones, so that
    lanes read like the pipeline.
    """

    def __init__(self, graph: Graph, nodes: Bits) -> None:
        self.after: dict[int, int] = {}
        self._before: dict[int, int] = {}
        self._nodes = nodes
        self._free = nodes
        self._below = {n: graph.descendants[n] & nodes for n in members(nodes)}
        self._next = dict.fromkeys(members(nodes), 0)
        for node in members(nodes):
            for up in members(graph.upstream[node] & nodes):
                self._next[up] |= 1 << node

    def found(self) -> dict[int, int]:
        for node in members(self._nodes):
            self._pair(node)
        return self.after

    def _pair(self, node: int) -> None:
        """Find a follower for `node`, moving other pairs along if need be."""
        asker_of: dict[int, int] = {}
        unseen = self._nodes
        queue = [node]
        for asker in queue:
            if ready := (self._next[asker] & self._free) or (self._below[asker] & self._free):
                self._move(next(members(ready)), asker, node, asker_of)
                return
            taken = self._below[asker] & unseen
            unseen &= ~taken
            for follower in members(taken):
                asker_of[follower] = asker
                queue.append(self._before[follower])

    def _move(self, follower: int, asker: int, start: int, asker_of: dict[int, int]) -> None:
        self._free &= ~(1 << follower)
        while True:
            released = self.after.get(asker)
            self.after[asker], self._before[follower] = follower, asker
            if asker == start or released is None:
                return
            follower, asker = released, asker_of[released]


def scheduled(graph: Graph, nodes: Bits, weights: Mapping[BlockId, float], most: int) -> list[Lane]:
    """List scheduling: whenever a lane is free, it takes the block with the longest way to go."""
    return _Schedule(graph, nodes, weights, most).lanes()


@dataclass(slots=True)
class _Schedule:
    graph: Graph
    nodes: Bits
    weights: Mapping[BlockId, float]
    most: int
    ready: list[tuple[float, int]] = field(default_factory=list)
    running: list[tuple[float, int, int]] = field(default_factory=list)
    """(end, node, lane), a heap."""

    def lanes(self) -> list[Lane]:
        rest = bottom_levels(self.graph, self.nodes, self.weights)
        waiting = {n: (self.graph.upstream[n] & self.nodes).bit_count() for n in rest}
        found: list[list[int]] = [[] for _ in range(self.most)]
        idle = set(range(self.most))
        for node in (n for n, count in waiting.items() if not count):
            heapq.heappush(self.ready, (-rest[node], node))
        now = 0.0
        while self.ready or self.running:
            while self.ready and idle:
                lane = self._start(heapq.heappop(self.ready)[1], now, idle, found)
                idle.discard(lane)
            now, done, lane = heapq.heappop(self.running)
            idle.add(lane)
            for node in members(self.graph.descendants[done] & self.nodes):
                if self.graph.upstream[node] >> done & 1:
                    waiting[node] -= 1
                    if not waiting[node]:
                        heapq.heappush(self.ready, (-rest[node], node))
        return [tuple(lane) for lane in found if lane]

    def _start(self, node: int, now: float, idle: set[int], found: list[list[int]]) -> int:
        """In a lane that ends with one of its upstream blocks if there is one: no wait then."""
        above = self.graph.upstream[node]
        near = [lane for lane in idle if found[lane] and above >> found[lane][-1] & 1]
        lane = min(near or idle)
        found[lane].append(node)
        heapq.heappush(self.running, (now + weight(self.graph, node, self.weights), node, lane))
        return lane


def weight(graph: Graph, node: int, weights: Mapping[BlockId, float]) -> float:
    """Usual seconds of a block; a typical one's when nothing is known of it."""
    known = weights.get(graph.names[node])
    if known is None:
        known = sum(weights.values()) / len(weights) if weights else 1.0
    return max(known, 1e-6)


def bottom_levels(graph: Graph, nodes: Bits, weights: Mapping[BlockId, float]) -> dict[int, float]:
    """Seconds from the start of each node to the end of the part: the critical way."""
    found = dict.fromkeys(members(nodes), 0.0)
    for node in sorted(found, reverse=True):
        found[node] += weight(graph, node, weights)
        for up in members(graph.upstream[node] & nodes):
            found[up] = max(found[up], found[node])
    return found
