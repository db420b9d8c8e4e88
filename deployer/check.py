"""What would go wrong with a project that reads well: found without running any of it."""

from __future__ import annotations

from deployer.errors import Problem
from deployer.model import Project


def check(project: Project) -> tuple[Problem, ...]:
    """Every problem of every pipeline, ordered by file and line."""
    raise NotImplementedError
