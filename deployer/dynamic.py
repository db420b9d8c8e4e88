"""Dynamic blocks: which block runs once per item of which others (Mage: "Dynamic blocks").

A dynamic block's output is a list of items; each direct downstream block runs once per item.
The children of such a child run once per child, until one says `reduce_output`. A block below
several dynamic blocks runs once per combination. So every block has a list of *sources*, the
dynamic blocks whose items number its runs, and a run's index has one number per source.
"""

from __future__ import annotations

from collections.abc import Mapping

from deployer.graph import graph_of
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


def sources(pipeline: Pipeline) -> Mapping[BlockId, Sources]:
    """Of every block; empty for one that runs once. Needs a DAG without a cycle."""
    blocks = {block.id: block for block in pipeline.blocks}
    found: dict[BlockId, Sources] = {}
    for name in graph_of(pipeline.blocks).names:
        above = [up for up in blocks[name].upstream if up in blocks]
        numbered = [source for up in above for source in _given(blocks[up], found[up])]
        found[name] = tuple(dict.fromkeys(numbered))
    return found


def _given(block: Block, its: Sources) -> Sources:
    """The sources that a block passes on to those below it."""
    passed = () if reduces(block) else its
    return (*passed, block.id) if is_dynamic(block) else passed


def mode(upstream: Block, its: Sources) -> str:
    """How a block below takes `upstream`'s output: BlockSpec.upstream_modes."""
    if upstream.kind is Kind.SENSOR:
        return "skip"
    if is_dynamic(upstream):
        return "item"
    if its:
        return "reduced" if reduces(upstream) else "paired"
    return "whole"


def places(pipeline: Pipeline, block: Block) -> Mapping[str, list[int]]:
    """Upstream → positions in this block's index that number that upstream's items or runs."""
    every = sources(pipeline)
    mine = every[block.id]
    known = {b.id: b for b in pipeline.blocks}
    return {
        up: [mine.index(source) for source in _given(known[up], every[up])]
        for up in block.upstream
        if up in known
    }
