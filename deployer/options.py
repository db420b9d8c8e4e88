"""How a block's function is sized: blocklift.yaml's defaults under the block's own wishes."""

from __future__ import annotations

from dataclasses import dataclass

from deployer.model import Block, Pipeline, Project


@dataclass(frozen=True, slots=True)
class Options:
    """Everything about a function that is not its code."""

    memory: str = "1Gi"
    cpu: str = "1"
    timeout: int = 1800
    """Seconds."""
    min_instances: int = 0
    max_instances: int = 3
    concurrency: int = 1
    python: str = "python311"
    job: bool = False
    """A Cloud Run job instead of a function: over 30 minutes, or asked for."""


def options(project: Project, pipeline: Pipeline, block: Block) -> Options:
    raise NotImplementedError
