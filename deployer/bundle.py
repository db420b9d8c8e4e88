"""Block → the source archive of its function, byte for byte the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deployer.model import Block, Pipeline, Project


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one function."""

    name: str
    """Function id."""
    files: Mapping[str, bytes]
    """Archive path → content, sorted by path."""
    requirements: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Names of environment variables that the block asks for."""
    entry_point: str = "block"

    @property
    def digest(self) -> str:
        """sha256 of paths and contents, hexadecimal."""
        raise NotImplementedError

    def zip_bytes(self) -> bytes:
        raise NotImplementedError

    def write(self, path: Path) -> None:
        raise NotImplementedError


def bundle(project: Project, pipeline: Pipeline, block: Block) -> Bundle:
    """The function of one block, callback or conditional."""
    raise NotImplementedError


def trigger_bundle(project: Project, workflow: Callable[[Pipeline], str]) -> Bundle | None:
    """The function that answers API triggers; None when there are none. `workflow` gives the
    full resource name of a pipeline's workflow.
    """
    raise NotImplementedError
