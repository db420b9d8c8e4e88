"""Folder → Project: what the author wrote, or every mistake in it at once.

`survey` never fails: it gives what could be read and the problems found on the way.
`load` is `survey` for those who need the whole project: it raises when anything is wrong.
"""

from __future__ import annotations

from pathlib import Path

from deployer.errors import Problem
from deployer.model import Project


def load(root: Path) -> Project:
    """The project in this folder; ProjectError names every problem in its files."""
    raise NotImplementedError


def survey(root: Path) -> tuple[Project | None, tuple[Problem, ...]]:
    """What can be read, and what is wrong with the rest. None when this is no project."""
    raise NotImplementedError


def find_projects(root: Path) -> tuple[Path, ...]:
    """Every project folder at or below `root`, outermost first."""
    raise NotImplementedError
