"""How a block's function is sized: blocklift.yaml's defaults under the block's own wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployer.model import Block, Pipeline, Project

CALL_LIMIT = 1800
"""Workflows waits half an hour for an HTTP call."""
JOB_LIMIT = 604_800
"""Cloud Run: a job's task may take 168 hours."""
JOB = "gcp_cloud_run"
SPELLINGS = {
    "timeout_seconds": "timeout",
    "availableMemory": "memory",
    "available_memory": "memory",
    "availableCpu": "cpu",
    "max_instance_count": "max_instances",
    "min_instance_count": "min_instances",
}


@dataclass(frozen=True, slots=True)
class Options:
    """Everything about a function that is not its code."""

    memory: str = "1Gi"
    cpu: str = "1"
    timeout: int = CALL_LIMIT
    """Seconds."""
    min_instances: int = 0
    max_instances: int = 3
    concurrency: int = 1
    python: str = "python311"
    job: bool = False
    """A Cloud Run job instead of a function: over 30 minutes, or asked for."""


USUAL = Options()


def options(project: Project, pipeline: Pipeline, block: Block) -> Options:
    """executor_config of the block over that of the pipeline over blocklift.yaml's defaults."""
    wishes = {
        **_wishes(project.settings.get("defaults")),
        **_wishes(pipeline.settings.get("executor_config")),
        **_wishes(block.executor_config),
    }
    if block.timeout:
        wishes["timeout"] = block.timeout
    seconds = int(_number(wishes.get("timeout"), CALL_LIMIT))
    job = seconds > CALL_LIMIT or block.executor_type == JOB
    return Options(
        memory=str(wishes.get("memory", USUAL.memory)),
        cpu=str(wishes.get("cpu", USUAL.cpu)),
        timeout=max(1, min(seconds, JOB_LIMIT)),
        min_instances=int(_number(wishes.get("min_instances"), 0)),
        max_instances=int(_number(wishes.get("max_instances"), 3)),
        concurrency=int(_number(wishes.get("concurrency"), 1)),
        python=runtime_name(str(wishes.get("python", USUAL.python))),
        job=job and not _must_answer(block),
    )


def is_job(project: Project, pipeline: Pipeline, block: Block) -> bool:
    return options(project, pipeline, block).job


def _must_answer(block: Block) -> bool:
    """The workflow reads the answers of these; a job has none. They must end in time."""
    return block.kind in {"sensor", "conditional", "callback"}


def runtime_name(version: str) -> str:
    """3.11, 3.12 and so on, as Google names runtimes."""
    return "python" + version.removeprefix("python").replace(".", "")


def _wishes(written: Any) -> dict[str, Any]:
    if not isinstance(written, Mapping):
        return {}
    return {SPELLINGS.get(str(k), str(k)): v for k, v in written.items() if v is not None}


def _number(value: Any, default: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return default
