"""Pipeline → Google Cloud Workflows definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deployer.model import Block, BlockId, Pipeline, Project


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
) -> Definition:
    """`urls` gives the root of the service of a block; `weights` its usual seconds, if known."""
    raise NotImplementedError
