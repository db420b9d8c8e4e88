"""Dynamic blocks: which block runs once per item of which others (Mage: "Dynamic blocks").

A dynamic block's output is a list of items; each direct downstream block runs once per item.
The children of such a child run once per child, until one says `reduce_output`. A block below
several dynamic blocks runs once per combination, the last one's items changing fastest. So
every block has a list of *sources*: the dynamic blocks whose items number its runs.
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


def unclear(pipeline: Pipeline) -> Mapping[BlockId, str]:
    """Blocks whose runs could be numbered in more than one way, and why."""
    blocks = {block.id: block for block in pipeline.blocks}
    every = sources(pipeline)
    found: dict[BlockId, str] = {}
    for block in pipeline.blocks:
        if is_dynamic(block) and every[block.id]:
            found[block.id] = "is dynamic and runs once per item of another dynamic block"
        for up in (blocks[name] for name in block.upstream if name in blocks):
            if mode(up, every[up.id]) == "paired" and every[up.id] != every[block.id]:
                found[block.id] = f"combines the children {up.id!r} with items of another block"
    return found
