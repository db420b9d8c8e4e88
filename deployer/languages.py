"""Where blocks of other languages can run: R only where a machine has R.

Google builds functions for one language, and its Python image has no R. An image of our own
would need a registry and a build beside the functions (docs/decisions.md), so a deploy to
Google's cloud refuses R blocks before anything is changed; the local cloud runs them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from deployer.errors import Problem, ProjectError
from deployer.model import Language, Pipeline, Project
from deployer.target import Target

MESSAGE = "is written in R, which Google's functions for Python do not have"
HINT = "it runs in the local cloud; for this target write it in Python or SQL"


def refuse_r(project: Project, target: Target, chosen: Collection[str] = ()) -> None:
    """ProjectError for every R block of these pipelines, or of all, in Google's cloud."""
    if target.is_local:
        return
    pipelines = (p for p in project.pipelines if not chosen or p.id in chosen)
    if found := [problem for pipeline in pipelines for problem in in_r(pipeline, HINT)]:
        raise ProjectError(found)


def in_r(pipeline: Pipeline, hint: str) -> Iterator[Problem]:
    for block in (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals):
        if block.language is Language.R:
            message = f"block {block.id!r} {MESSAGE}"
            yield Problem(block.place.path, block.place.line, message, hint)
