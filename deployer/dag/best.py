"""The shape that takes least, when the usual seconds of blocks are known.

No order made beforehand is best for every draw of durations. With those of past runs two ways
of writing a part are compared: as `shape_of` makes it, where lanes overshoot their waits a
little and share threads in a fixed order, and with a barrier after each level, where nobody
naps and threads take blocks as they become free. A part takes the faster way; of two as fast,
the one with barriers, whose naps cost no steps.
"""

from __future__ import annotations

from collections.abc import Mapping

from deployer.dag.graph import Graph
from deployer.dag.lanes import weight
from deployer.dag.shape import (
    Lanes,
    Parallel,
    Shape,
    barriers,
    blocks_of,
    parts_of,
    sequence,
    shape_of,
)
from deployer.dag.simulate import makespan
from deployer.model import BlockId


def best_shape(
    graph: Graph,
    weights: Mapping[BlockId, float] | None = None,
    wide: frozenset[BlockId] = frozenset(),
    most: int | None = None,
) -> Shape:
    """As `shape_of`, and no slower than barriers if blocks take their usual seconds."""
    shape = shape_of(graph, weights, wide, most)
    if not weights:
        return shape
    seconds = {name: weight(graph, n, weights) for n, name in enumerate(graph.names)}
    return sequence(
        part if wide.intersection(blocks_of(part)) else _faster(graph, part, seconds, most)
        for part in parts_of(shape)
    )


def _faster(graph: Graph, part: Shape, seconds: Mapping[BlockId, float], most: int | None) -> Shape:
    if not isinstance(part, Lanes | Parallel):
        return part
    ways = (barriers(graph, part, most), part)
    return min(ways, key=lambda way: makespan(way, seconds))
