"""Names that a project asks its surroundings for, and credentials written where they leak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deployer.model import Block, Pipeline, Place, Project


@dataclass(frozen=True, slots=True)
class Literal:
    """A credential written out in io_config.yaml."""

    name: str
    """The environment variable that takes its place, e.g. IO_DEFAULT_POSTGRES_PASSWORD."""
    value: str
    place: Place


def needed(project: Project, pipeline: Pipeline, block: Block) -> tuple[str, ...]:
    """The least set of names that this block may ask for, sorted."""
    raise NotImplementedError


def literals(project: Project) -> tuple[Literal, ...]:
    """Credentials in io_config: bundles carry a reference instead, the value is a secret."""
    raise NotImplementedError


def dotenv(project: Project) -> Mapping[str, str]:
    """What `.env` beside the project says, without touching this process's environment."""
    raise NotImplementedError
