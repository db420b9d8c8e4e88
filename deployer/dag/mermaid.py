"""A pipeline as pictures of text: Mermaid for documents, an outline for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deployer.dag import dynamic
from deployer.dag.best import best_shape
from deployer.dag.graph import graph_of
from deployer.dag.shape import Lanes, Parallel, Sequence, Shape, Task
from deployer.model import Block, BlockId, Kind, Pipeline

FRAMES = {
    Kind.DATA_LOADER: ("[/", "/]"),
    Kind.DATA_EXPORTER: ("[\\", "\\]"),
    Kind.SENSOR: ("((", "))"),
    Kind.CONDITIONAL: ("{", "}"),
    Kind.CALLBACK: (">", "]"),
}


def mermaid(pipeline: Pipeline) -> str:
    """`flowchart LR` with a node per block; conditionals and callbacks hang on by dotted lines."""
    every = (*pipeline.blocks, *pipeline.conditionals, *pipeline.callbacks)
    names = {block.id: f"b{number}" for number, block in enumerate(every)}
    lines = ["flowchart LR"]
    lines += [f"  {names[block.id]}{_node(block)}" for block in every]
    for block in pipeline.blocks:
        lines += [f"  {names[up]} --> {names[block.id]}" for up in block.upstream if up in names]
    for block in pipeline.conditionals:
        lines += [f"  {names[block.id]} -.-> {names[up]}" for up in block.upstream if up in names]
    for block in pipeline.callbacks:
        lines += [f"  {names[up]} -.-> {names[block.id]}" for up in block.upstream if up in names]
    return "\n".join(lines)


def _node(block: Block) -> str:
    before, after = FRAMES.get(block.kind, ("[", "]"))
    label = str(block.id).replace('"', "'")
    return f'{before}"{label}"{after}'


def outline(pipeline: Pipeline, weights: Mapping[BlockId, float] | None = None) -> Iterator[str]:
    """The shape, one line per step, indented under what runs side by side. `weights` are the
    usual seconds of blocks.
    """
    wide = frozenset(name for name, its in dynamic.sources(pipeline).items() if its)
    if pipeline.blocks:
        yield from _outline(best_shape(graph_of(pipeline.blocks), weights, wide), "", wide)


def _outline(shape: Shape, indent: str, wide: frozenset[str]) -> Iterator[str]:
    match shape:
        case Task(id=name):
            yield f"{indent}{name}" + (" (once per item)" if name in wide else "")
        case Sequence(parts=parts):
            for part in parts:
                yield from _outline(part, indent, wide)
        case Parallel(branches=branches):
            yield f"{indent}side by side:"
            for branch in branches:
                yield from _branch(list(_outline(branch, "", wide)), indent)
        case Lanes(lanes=lanes, waits=waits):
            yield f"{indent}in {len(lanes)} lanes that wait for each other:"
            for lane in lanes:
                yield from _branch([_waiting(name, waits.get(name, ())) for name in lane], indent)


def _branch(lines: list[str], indent: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{indent}  {'-' if number == 0 else ' '} {line}"


def _waiting(name: str, above: tuple[str, ...]) -> str:
    return f"{name} (after {', '.join(above)})" if above else name
