"""Which other pipelines of the project a block speaks to: starts, watches, reads, writes.

Names stand in the code as the first arguments of Mage's functions. Where one is decided only
at run time, every pipeline may be meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deployer import support
from deployer.code import products
from deployer.code.imports import reach
from deployer.code.source import PipelineCall
from deployer.model import Block, Kind, Pipeline, PipelineId, Project

STARTED = frozenset({"trigger_pipeline"})
WATCHED = frozenset({"check_status"})
OUTPUTS = frozenset({"get_variable", "check_status"})
VARIABLES = frozenset({"get_global_variable", "get_global_variables"})
READER, WRITER = "roles/storage.objectViewer", "roles/storage.objectUser"
CHANGED = frozenset({"set_global_variable", "delete_global_variable"})


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Pipelines by what a block does to them; its own may be among them."""

    started: tuple[PipelineId, ...] = ()
    """Started or watched: through their workflows."""
    read: tuple[PipelineId, ...] = ()
    """Outputs of their runs are read."""
    known: tuple[PipelineId, ...] = ()
    """Their variables are read."""
    changed: tuple[PipelineId, ...] = ()
    """Their variables are set."""


def neighbours(project: Project, block: Block) -> Neighbours:
    if block.kind is Kind.GLOBAL_DATA_PRODUCT:
        return _of_product(project, block)
    calls = [call for source in reach(project, block).sources for call in source.pipeline_calls]
    if not calls:
        return Neighbours()
    return Neighbours(
        started=_meant(project, calls, STARTED | WATCHED),
        read=_meant(project, calls, OUTPUTS),
        known=_meant(project, calls, VARIABLES),
        changed=_meant(project, calls, CHANGED),
    )


def _of_product(project: Project, block: Block) -> Neighbours:
    product = products.of(project, block)
    named = (PipelineId(product.pipeline),) if product else ()
    return Neighbours(started=named, read=named)


def _meant(
    project: Project, calls: Sequence[PipelineCall], functions: frozenset[str]
) -> tuple[PipelineId, ...]:
    """In the project's order, those that could be deployed."""
    asked = [call.pipelines for call in calls if call.function in functions]
    anyone = any(names is None for names in asked)
    named = {name for names in asked for name in names or ()}
    return tuple(
        pipeline.id
        for pipeline in project.pipelines
        if (anyone or pipeline.id in named) and not support.of_pipeline(pipeline)
    )


_changes: list[tuple[Project, frozenset[PipelineId]]] = []
"""Of the last project: whoever bundles one asks for all of its blocks in turn."""


def changes(project: Project) -> frozenset[PipelineId]:
    """Pipelines whose variables some block sets: theirs are looked up at every call."""
    if not _changes or _changes[-1][0] is not project:
        _changes[:] = [(project, changed_by(project))]
    return _changes[-1][1]


def changed_by(project: Project) -> frozenset[PipelineId]:
    return frozenset(
        name
        for pipeline in project.pipelines
        for block in everyone(pipeline)
        for name in neighbours(project, block).changed
    )


def prefixes(project: Project, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """(role, object-name prefix) of what a pipeline's blocks read and write beside its own runs."""
    found = [neighbours(project, block) for block in everyone(pipeline)]
    for name in dict.fromkeys(other for one in found for other in one.read):
        if name != pipeline.id:
            yield READER, f"runs/{project.name}/{name}/"
    changed = dict.fromkeys(other for one in found for other in one.changed)
    yield from ((WRITER, f"state/{project.name}/{name}/") for name in changed)
    known = dict.fromkeys(other for one in found for other in one.known)
    if pipeline.id in changes(project):
        known[pipeline.id] = None
    yield from ((READER, f"state/{project.name}/{name}/") for name in known if name not in changed)


def everyone(pipeline: Pipeline) -> Iterator[Block]:
    """Everything of a pipeline that becomes a function."""
    yield from (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals)


def variables(project: Project, names: Sequence[PipelineId]) -> dict[str, dict[str, Any]]:
    """What the metadata of pipelines says."""
    return {p.id: dict(p.variables) for p in project.pipelines if p.id in names and p.variables}
