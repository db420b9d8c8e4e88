"""All parts of a definition put together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deployer.compile import turns
from deployer.compile.facts import Facts, facts_of, with_barriers
from deployer.compile.flow import Flow
from deployer.compile.frame import closing, opening
from deployer.compile.routines import library
from deployer.compile.steps import BlockSteps
from deployer.compile.telling import Teller, tell, told
from deployer.compile.text import document
from deployer.compile.tracing import GIVEN, speaker, traced
from deployer.compile.usual import usual_seconds
from deployer.dag.graph import cycle, graph_of
from deployer.dag.shape import lanes_in
from deployer.errors import Problem, ProjectError
from deployer.model import Block, BlockId, Pipeline, Project
from deployer.triggers import limits

Json = Any
SOURCE_LIMIT = 128 * 1024
"""Workflows: bytes of a source."""
HEADER_LINES = 60
NAMELESS = "plain blocks share one step per level, so steps do not bear their names"
BARRIERS = (
    "each level of the DAG waits for all of the level above it: written with waits for just the"
    " blocks above, the definition would exceed the 128 KB that Workflows takes"
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A compiled pipeline. The same text for every cloud but for URLs and bucket."""

    text: str
    """The source, YAML; what Workflows is given."""
    notes: tuple[str, ...] = ()
    """Where the definition waits longer than the DAG asks for, and why."""


def compile_pipeline(
    project: Project,
    pipeline: Pipeline,
    urls: Callable[[Block], str],
    bucket: str,
    weights: Mapping[BlockId, float] | None = None,
    teller: Teller | None = None,
) -> Definition:
    """`urls` gives the root of the service of a block; `weights` its usual seconds, by
    default those that the project knows; `teller` is told how runs end.

    The pipeline has been checked; a cycle would still be refused.
    """
    _refuse_cycle(pipeline)
    weights = usual_seconds(pipeline) if weights is None else weights
    facts = replace(facts_of(project, pipeline, urls, weights), teller=teller)
    notes = tuple(_notes(facts))
    barriers = with_barriers(facts)
    for chosen, why, dense in (
        (facts, notes, False),
        (barriers, (BARRIERS,), False),
        (barriers, (BARRIERS, NAMELESS), True),
    ):
        source = _source(chosen, bucket, dense)
        text = _readable(chosen, source)
        if len(text.encode()) <= SOURCE_LIMIT:
            return Definition(text, why)
        short = _dense(source)
        if len(short.encode()) <= SOURCE_LIMIT:
            return Definition(short, why)
    raise ProjectError([_too_large(pipeline, len(short.encode()))])


def _readable(facts: Facts, source: dict[str, Json]) -> str:
    return "\n".join(_header(facts)) + "\n" + document(source)


def _dense(source: dict[str, Json]) -> str:
    """JSON, which is YAML too, without indentation: half the size."""
    return json.dumps(source, separators=(",", ":"), ensure_ascii=False) + "\n"


def _source(facts: Facts, bucket: str, dense: bool) -> dict[str, Json]:
    used: set[str] = set()
    flow = Flow(facts, BlockSteps(facts, used), dense)
    steps = flow.of(facts.shape) if facts.pipeline.blocks else []
    rest = [*steps, *closing(facts)]
    given: dict[str, Json] = {}
    if block := speaker(facts):
        rest, given = traced(facts.services[block.id], rest), GIVEN
        used |= {"notify"}
    if facts.teller and facts.pipeline.blocks:
        rest = told(facts.teller, rest)
    main = {"params": ["args"], "steps": [*opening(facts, bucket, given), *rest]}
    return {"main": main, **dict(_routines(facts, used))}


def _routines(facts: Facts, used: set[str]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Just those that are called."""
    if facts.pipeline.blocks:
        used |= {"call_block", "never_started"}
    every = library(facts.around, facts.caught, limits.may_be_late(facts.pipeline))
    yield from ((name, made) for name, made in every.items() if name in used)
    yield from turns.library(facts).items()
    if facts.teller and facts.pipeline.blocks:
        yield "tell", tell(facts.teller.url, str(facts.pipeline.id))


def _header(facts: Facts) -> Iterator[str]:
    """The DAG in a comment, one line per block."""
    pipeline = facts.pipeline
    yield f"# Pipeline {pipeline.id}: {len(pipeline.blocks)} blocks, compiled by blocklift."
    if pipeline.blocks:
        yield "#"
    for count, name in enumerate(graph_of(pipeline.blocks).names):
        if count == HEADER_LINES:
            yield "#   …"
            return
        above = ", ".join(facts.blocks[name].upstream)
        yield f"#   {name}" + (f"  ←  {above}" if above else "")


def _notes(facts: Facts) -> Iterator[str]:
    limit = limits.blocks_at_once(facts.pipeline)
    for part in lanes_in(facts.shape):
        blocks = sum(map(len, part.lanes))
        yield (
            f"{blocks} blocks run in {len(part.lanes)} lanes that wait for each other: their order"
            " is not one of nested parallel steps within Workflows' limits (10 branches, depth 2);"
            " a wait overshoots by at most a fiftieth of its length"
        )
        if part.shared:
            runs = f"block_run_limit allows {limit}" if limit else "Workflows runs 20"
            yield (
                f"more than {len(part.lanes)} of them could run at once, {runs}: blocks that do"
                " not depend on each other share lanes"
            )


def _refuse_cycle(pipeline: Pipeline) -> None:
    if found := cycle({block.id: block.upstream for block in pipeline.blocks}):
        message = f"blocks wait for each other in a circle: {' → '.join(found)}"
        raise ProjectError([Problem(pipeline.place.path, pipeline.place.line, message)])


def _too_large(pipeline: Pipeline, size: int) -> Problem:
    message = f"its definition has {size:,} bytes; Workflows takes {SOURCE_LIMIT:,}"
    hint = "split the pipeline and start the second with trigger_pipeline(...)"
    return Problem(pipeline.place.path, 1, message, hint)
