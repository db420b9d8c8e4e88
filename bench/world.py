"""A local cloud and a project for one benchmark; both are gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from deployer import local
from deployer.model import Pipeline
from deployer.naming import workflow_id
from deployer.runs.watch import argument
from deployer.workspace import Workspace, opened

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "projects" / "magic-zoomcamp"
LOOK = 0.05
"""Seconds between two looks whether a run is over: each look takes time from the run itself."""


@dataclass(frozen=True, slots=True)
class World:
    """A deployed project."""

    workspace: Workspace

    def pipeline(self, name: str) -> Pipeline:
        return self.workspace.pipeline(name)

    def run(self, name: str, variables: Mapping[str, Any] | None = None) -> float:
        """Seconds from asking for a run to its end, as the cloud's own clock has it: looking
        whether it is over would otherwise count as its time.
        """
        executions = self.workspace.clients.executions
        workflow = workflow_id(self.pipeline(name))
        began = time.time()
        execution = executions.start(workflow, argument(variables or {}))
        while not execution.over:
            time.sleep(LOOK)
            execution = executions.get(workflow, execution.id)
        if execution.state != "SUCCEEDED":
            raise RuntimeError(f"{name}: {execution.state} {execution.error}")
        ended = datetime.fromisoformat(execution.ended).timestamp()
        return ended - began


@contextmanager
def deployed(project: Path) -> Iterator[World]:
    """`project` lies in a folder of its own, which is thrown away with the cloud."""
    try:
        workspace = opened(project)
        workspace.apply(workspace.plan(), lambda _: None).raise_for_failures()
        yield World(workspace)
    finally:
        local.stop(project)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="blocklift-bench-") as name:
        yield Path(name)


def write_pipeline(project: Path, name: str, blocks: list[dict[str, Any]]) -> None:
    """A pipeline of Python blocks; `code` of a block goes to its file."""
    (project / "metadata.yaml").write_text("project_type: standalone\n")
    entries = []
    for block in blocks:
        code = block.pop("code")
        file = project / f"{block['type']}s" / f"{block['uuid']}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
        entries.append({"language": "python", "upstream_blocks": [], **block})
    metadata = project / "pipelines" / name / "metadata.yaml"
    metadata.parent.mkdir(parents=True, exist_ok=True)
    metadata.write_text(yaml.safe_dump({"uuid": name, "type": "python", "blocks": entries}))


def example_copy(into: Path) -> Path:
    ours = shutil.ignore_patterns(".env", ".blocklift", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, into / EXAMPLE.name, ignore=ours))
