"""A project that changes: only what differs is deployed, and what is gone is removed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.story.conftest import World

BLOCK = "@{kind}\ndef work(*args, **kwargs):\n    return {value!r}\n"
PIPELINE = """
type: python
blocks:
- {uuid: first, type: data_loader, language: python, upstream_blocks: []}
- {uuid: second, type: transformer, language: python, upstream_blocks: [first]}
"""
LAST_LINE = "- {uuid: second, type: transformer, language: python, upstream_blocks: [first]}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two blocks, one after the other."""
    root = tmp_path / "changing"
    for folder in ("pipelines/small", "data_loaders", "transformers"):
        (root / folder).mkdir(parents=True)
    (root / "metadata.yaml").write_text("project_type: standalone\n")
    (root / "pipelines/small/metadata.yaml").write_text(PIPELINE)
    (root / "data_loaders/first.py").write_text(BLOCK.format(kind="data_loader", value=1))
    (root / "transformers/second.py").write_text(BLOCK.format(kind="transformer", value=2))
    return root


def writes(world: World, project: Path) -> dict[str, str]:
    """What a deploy would do now, by kind and name."""
    changes = world.blocklift("plan", project, "--json").json["changes"]
    return {c["key"]: c["action"] for c in changes if c["action"] != "keep"}


def test_only_what_differs_is_deployed(world: World, project: Path) -> None:
    world.blocklift("deploy", project)
    assert writes(world, project) == {}

    # One block's file changes: one function, and the workflow that vouches for it.
    (project / "transformers/second.py").write_text(BLOCK.format(kind="transformer", value=3))
    changed = writes(world, project)
    assert changed == {"function/small-second": "update", "workflow/small": "update"}
    world.blocklift("deploy", project)
    assert writes(world, project) == {}

    # A block is removed: its function goes, and the other one is left alone.
    (project / "pipelines/small/metadata.yaml").write_text(PIPELINE.replace(LAST_LINE, ""))
    assert writes(world, project)["function/small-second"] == "delete"
    assert "function/small-first" not in writes(world, project)
    world.blocklift("deploy", project)
    left = world.get("/v2/projects/blocklift-local/locations/europe-west1/functions")["functions"]
    names = {function["name"].rsplit("/", 1)[-1] for function in left}
    assert "small-first" in names
    assert "small-second" not in names

    # The project goes, and nothing of it is left but its buckets.
    world.blocklift("destroy", project, "--yes")
    assert "nothing to change" in world.blocklift("destroy", project, "--yes").out
