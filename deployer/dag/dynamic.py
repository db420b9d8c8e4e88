"""Dynamic blocks: which block runs once per item of which others (Mage: "Dynamic blocks").

A dynamic block's output is a list of items; each direct downstream block runs once per item.
The children of such a child run once per child, until one says `reduce_output`. A block below
several dynamic blocks runs once per combination, the last one's items changing fastest. So
every block has a list of *sources*: the dynamic blocks whose items number its runs. A dynamic
block that itself runs once per item counts as one source: the items of its first run, then
those of its second, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping

from deployer.dag.graph import graph_of
from deployer.model import Block, BlockId, Kind, Pipeline

Sources = tuple[BlockId, ...]


def is_dynamic(block: Block) -> bool:
    """`configuration.dynamic` is true, or a map that says `parent` (second version)."""
    written = block.configuration.get("dynamic")
    return bool(written.get("parent") if isinstance(written, Mapping) else written)


def reduces(block: Block) -> bool:
    written = block.configuration.get("dynamic")
    second = isinstance(written, Mapping) and written.get("reduce_output")
    return bool(block.configuration.get("reduce_output") or second)


def reduces_upstream(block: Block) -> bool:
    """Second version: the block below asks for its upstream children as one list."""
    written = block.configuration.get("dynamic")
    return isinstance(written, Mapping) and bool(written.get("reduce_output_upstream"))


_last: list[tuple[Pipeline, Mapping[BlockId, Sources]]] = []
"""Whoever asks for a pipeline's sources asks again for each of its blocks."""


def sources(pipeline: Pipeline) -> Mapping[BlockId, Sources]:
    """Of every block; empty for one that runs once. Needs a DAG without a cycle."""
    if not _last or _last[-1][0] is not pipeline:
        _last[:] = [(pipeline, _sources(pipeline))]
    return _last[-1][1]


def _sources(pipeline: Pipeline) -> Mapping[BlockId, Sources]:
    blocks = {block.id: block for block in pipeline.blocks}
    found: dict[BlockId, Sources] = {}
    for name in graph_of(pipeline.blocks).names:
        block = blocks[name]
        above = [up for up in block.upstream if up in blocks]
        numbered = [source for up in above for source in _given(blocks[up], found[up], block)]
        found[name] = tuple(dict.fromkeys(numbered))
    return found


def nested(pipeline: Pipeline) -> frozenset[BlockId]:
    """Dynamic blocks that run once per item of others."""
    every = sources(pipeline)
    return frozenset(block.id for block in pipeline.blocks if is_dynamic(block) and every[block.id])


def _given(upstream: Block, its: Sources, block: Block) -> Sources:
    """The sources that a block passes on to this one below it."""
    if is_dynamic(upstream):
        return (upstream.id,)
    return () if reduces(upstream) or reduces_upstream(block) else its


def mode(upstream: Block, its: Sources, block: Block) -> str:
    """How a block takes `upstream`'s output: BlockSpec.upstream_modes.

    A conditional sees what the block that it is attached to sees, so that block is asked about.
    """
    if upstream.kind is Kind.SENSOR:
        return "skip"
    if block.kind is Kind.CALLBACK:
        return "paired" if its else "whole"
    if is_dynamic(upstream):
        return "nested" if its else "item"
    if its:
        return "reduced" if reduces(upstream) or reduces_upstream(block) else "paired"
    return "whole"
