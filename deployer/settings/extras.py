"""What blocklift.yaml adds for blocks whose code does not show that they need it.

requirements: [openpyxl]            for every block
secrets:
  API_KEY: [daily, weekly/load]     for a pipeline, for one block

Either key takes a list, or a mapping from each name to the pipelines and blocks that get it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deployer.load.document import text_of
from deployer.model import Block, Pipeline, Project


def requirements(project: Project, pipeline: Pipeline, block: Block) -> tuple[str, ...]:
    return tuple(_for(project.settings.get("requirements"), pipeline, block))


def secrets(project: Project, pipeline: Pipeline, block: Block) -> tuple[str, ...]:
    """Names of environment variables."""
    return tuple(_for(project.settings.get("secrets"), pipeline, block))


def _for(written: Any, pipeline: Pipeline, block: Block) -> Iterator[str]:
    if isinstance(written, list):
        yield from (text_of(name) for name in written if name)
    elif isinstance(written, Mapping):
        places = {str(pipeline.id), f"{pipeline.id}/{block.id}"}
        for name, whose in written.items():
            if whose is None or places & {text_of(one) for one in _listed(whose)}:
                yield text_of(name)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def unknown(project: Project) -> Iterator[tuple[str, str]]:
    """(key, place) of each pipeline or block that is named and does not exist."""
    known = {str(p.id) for p in project.pipelines} | {
        f"{p.id}/{b.id}"
        for p in project.pipelines
        for b in (*p.blocks, *p.callbacks, *p.conditionals)
    }
    for key in ("requirements", "secrets"):
        written = project.settings.get(key)
        if isinstance(written, Mapping):
            for whose in written.values():
                named = (text_of(one) for one in _listed(whose) if one is not None)
                yield from ((key, one) for one in named if one not in known)
