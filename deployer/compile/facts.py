"""What the compiler must know of a pipeline before it writes the first step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from deployer import naming
from deployer.compile.telling import STEPS as TELLING
from deployer.compile.telling import Teller
from deployer.dag import dynamic
from deployer.dag.best import best_shape
from deployer.dag.graph import graph_of
from deployer.dag.shape import Shape, lanes_in, levelled
from deployer.model import Block, BlockId, Pipeline, Project, RetryPolicy
from deployer.options import options
from deployer.triggers import limits

DETERMINISTIC = re.compile(r"(https://)(.+)(-\d+\.[a-z0-9-]+\.run\.app)")
"""Cloud Run: service, project number and region in one host name."""
FRAME = ("begin", "scheduled", "begin_run", "choose", "each_chosen", "chosen_block")
TRACING = ("trace_begin", "trace_blocks", "trace_failure", "trace_fail", "trace_success")
LIMITS = ("turns", "has_limit", "turn", "turn_gone", "any_turn", "any_turn_gone", "time_limit")
RESERVED = (
    "end",
    "break",
    "continue",
    "main",
    *FRAME,
    *LIMITS,
    "finish_chosen",
    "finish",
    *TELLING,
    *TRACING,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """A pipeline as the compiler sees it."""

    project: Project
    pipeline: Pipeline
    shape: Shape
    sources: Mapping[BlockId, dynamic.Sources]
    nested: frozenset[BlockId]
    """Dynamic blocks that run once per item: their items are counted together."""
    conditionals: Mapping[BlockId, tuple[Block, ...]]
    callbacks: Mapping[BlockId, tuple[Block, ...]]
    services: Mapping[BlockId, str]
    """What `call_block` is given for each block: its service, or its job."""
    around: tuple[str, str]
    """Before and after it in the URL."""
    jobs: frozenset[BlockId]
    timeouts: Mapping[BlockId, int]
    steps: Mapping[BlockId, str]
    """Step names."""
    tracked: bool
    """Blocks may be passed over, so everyone must know how those above ended."""
    caught: bool
    """A failed block ends the run only when all that does not depend on it has ended."""

    blocks: Mapping[BlockId, Block]
    kept: tuple[BlockId, ...]
    """Blocks whose answers somebody reads later."""
    teller: Teller | None = None
    """Told how runs end."""

    def answer(self, name: BlockId) -> str:
        """The variable that holds a block's answer."""
        return f"r_{self.steps[name]}"


def facts_of(
    project: Project,
    pipeline: Pipeline,
    urls: Callable[[Block], str],
    weights: Mapping[BlockId, float] | None,
) -> Facts:
    sources = dynamic.sources(pipeline)
    wide = frozenset(name for name, its in sources.items() if its)
    at_once = limits.blocks_at_once(pipeline)
    shape = best_shape(graph_of(pipeline.blocks), weights, wide, at_once)
    everyone = (*pipeline.blocks, *pipeline.conditionals, *pipeline.callbacks)
    sizes = {block.id: options(project, pipeline, block) for block in everyone}
    jobs = frozenset(name for name, size in sizes.items() if size.job)
    around, services = _services({b.id: urls(b) for b in everyone if b.id not in jobs})
    named = {b.id: naming.function_id(pipeline, b) for b in everyone if b.id in jobs}
    caught = _may_fail(pipeline) or any(lanes_in(shape))
    tracked = caught or bool(pipeline.conditionals)
    return Facts(
        project=project,
        pipeline=pipeline,
        shape=shape,
        sources=sources,
        nested=dynamic.nested(pipeline),
        conditionals=_by_parent(pipeline.conditionals),
        callbacks=_by_parent(pipeline.callbacks),
        services={**services, **named},
        around=around,
        jobs=jobs,
        timeouts={name: size.timeout for name, size in sizes.items()},
        steps=_step_names(everyone),
        tracked=tracked,
        caught=caught,
        blocks={block.id: block for block in pipeline.blocks},
        kept=_kept(pipeline, sources, tracked),
    )


def _kept(
    pipeline: Pipeline, sources: Mapping[BlockId, dynamic.Sources], tracked: bool
) -> tuple[BlockId, ...]:
    if tracked:
        once = (c for c in pipeline.conditionals if not any(sources.get(up) for up in c.upstream))
        return tuple(block.id for block in (*pipeline.blocks, *once))
    counted = {source for its in sources.values() for source in its}
    return tuple(block.id for block in pipeline.blocks if block.id in counted)


def with_barriers(facts: Facts) -> Facts:
    """The same with a barrier after each level where there were lanes."""
    caught = _may_fail(facts.pipeline)
    tracked = caught or bool(facts.pipeline.conditionals)
    return replace(
        facts,
        shape=levelled(
            graph_of(facts.pipeline.blocks), facts.shape, limits.blocks_at_once(facts.pipeline)
        ),
        caught=caught,
        tracked=tracked,
        kept=_kept(facts.pipeline, facts.sources, tracked),
    )


def _may_fail(pipeline: Pipeline) -> bool:
    return any(trigger.settings.get("allow_blocks_to_fail") for trigger in pipeline.triggers)


def _by_parent(blocks: Iterable[Block]) -> Mapping[BlockId, tuple[Block, ...]]:
    found: dict[BlockId, tuple[Block, ...]] = {}
    for block in blocks:
        for parent in block.upstream:
            found[parent] = (*found.get(parent, ()), block)
    return found


def _services(
    urls: Mapping[BlockId, str],
) -> tuple[tuple[str, str], Mapping[BlockId, str]]:
    """What the URLs have in common, and what they differ in."""
    found = {name: DETERMINISTIC.fullmatch(url.rstrip("/")) for name, url in urls.items()}
    tails = {match[3] if match else None for match in found.values()}
    if len(tails) == 1 and None not in tails:
        parts = {name: match[2] for name, match in found.items() if match}
        return ("https://", str(tails.pop())), parts
    return ("", ""), {name: url.rstrip("/") for name, url in urls.items()}


def _step_names(blocks: Iterable[Block]) -> Mapping[BlockId, str]:
    taken: set[str] = set(RESERVED)
    found: dict[BlockId, str] = {}
    for block in blocks:
        name = plain = naming.step_name(block.id)
        number = 2
        while name.lower() in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name.lower())
        found[block.id] = name
    return found


def repeats(policy: RetryPolicy) -> int:
    """How many times a block is really called again.

    Mage ends when the next pause would bring the sum of pauses to `max_delay`; so with the
    defaults (5 s, doubled, 60 s) there are three pauses at most, whatever `retries` says.
    """
    slept, pause, count = 0.0, policy.delay, 0
    while count < policy.retries and slept + pause < policy.max_delay:
        slept, count = slept + pause, count + 1
        pause *= 2 if policy.exponential_backoff else 1
    return count
