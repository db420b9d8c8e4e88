"""The DAG of a pipeline as sets of numbers: order, cycles, reachability, reduction.

Nodes are numbered in topological order and a set of nodes is the bits of one integer, so that
questions about a thousand blocks cost a few machine words each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from deployer.model import Block, BlockId

Bits = int
"""A set of nodes."""


def bits(numbers: Iterable[int]) -> Bits:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def members(nodes: Bits) -> Iterator[int]:
    """The numbers in a set, ascending."""
    while nodes:
        lowest = nodes & -nodes
        yield lowest.bit_length() - 1
        nodes ^= lowest


@dataclass(frozen=True, slots=True)
class Graph:
    """An acyclic graph; node n's upstream nodes all have smaller numbers."""

    names: tuple[BlockId, ...]
    upstream: tuple[Bits, ...]
    """Direct, without those that are implied by others (transitive reduction)."""
    ancestors: tuple[Bits, ...]
    descendants: tuple[Bits, ...]

    @property
    def all(self) -> Bits:
        return (1 << len(self.names)) - 1

    def number(self, name: BlockId) -> int:
        return self.names.index(name)

    def edges(self) -> Iterator[tuple[BlockId, BlockId]]:
        for node, above in enumerate(self.upstream):
            yield from ((self.names[up], self.names[node]) for up in members(above))


_known: dict[int, tuple[Sequence[Block], Graph]] = {}
"""By identity, and with the blocks, so that no others get theirs: whoever asks for a pipeline's
graph asks again for each of its blocks, and comes back to it after the other pipelines.
"""
MOST_KNOWN = 512


def graph_of(blocks: Sequence[Block]) -> Graph:
    """The DAG of blocks; unknown upstream names are left out. CycleError for a cycle."""
    if not isinstance(blocks, tuple):  # what may change is looked at again
        return build({b.id: tuple(b.upstream) for b in blocks})
    if id(blocks) not in _known:
        made = build({b.id: tuple(b.upstream) for b in blocks})
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[id(blocks)] = (blocks, made)
    return _known[id(blocks)][1]


def build(upstream: Mapping[BlockId, Iterable[BlockId]]) -> Graph:
    """Blocks keep the order in which they were written as far as the edges allow."""
    known = {
        name: tuple(up for up in dict.fromkeys(above) if up in upstream)
        for name, above in upstream.items()
    }
    names = tuple(TopologicalSorter(known).static_order())
    number = {name: n for n, name in enumerate(names)}
    direct = [bits(number[up] for up in known[name]) for name in names]
    ancestors = _closure(direct)
    reduced = tuple(_reduced(above, ancestors) for above in direct)
    return Graph(names, reduced, tuple(ancestors), tuple(_descendants(reduced)))


def cycle(upstream: Mapping[BlockId, Iterable[BlockId]]) -> tuple[BlockId, ...]:
    """One cycle along the data's way, its first block again at the end; empty without one."""
    try:
        TopologicalSorter(upstream).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def _closure(direct: Sequence[Bits]) -> list[Bits]:
    ancestors: list[Bits] = []
    for above in direct:
        found = above
        for up in members(above):
            found |= ancestors[up]
        ancestors.append(found)
    return ancestors


def _reduced(above: Bits, ancestors: Sequence[Bits]) -> Bits:
    """Direct upstream nodes that are no ancestors of other direct ones."""
    implied = 0
    for up in members(above):
        implied |= ancestors[up]
    return above & ~implied


def _descendants(reduced: Sequence[Bits]) -> list[Bits]:
    """Each node hands itself and all below it to those above, last node first."""
    descendants = [0] * len(reduced)
    for node in range(len(reduced) - 1, -1, -1):
        below = descendants[node] | 1 << node
        for up in members(reduced[node]):
            descendants[up] |= below
    return descendants


def levels(graph: Graph) -> tuple[tuple[int, ...], ...]:
    """Nodes by the length of the longest way to them: plain barriers."""
    depth: list[int] = []
    for above in graph.upstream:
        depth.append(1 + max((depth[up] for up in members(above)), default=-1))
    found: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for node, level in enumerate(depth):
        found[level].append(node)
    return tuple(tuple(level) for level in found)
