"""Blocks that take longer than a call may: Cloud Run jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.story.test_rights import made

if TYPE_CHECKING:
    from tests.story.conftest import World

JOBS = "/v2/projects/blocklift-local/locations/europe-west1/jobs"
PIPELINE = """
type: python
blocks:
- {uuid: load, type: data_loader, language: python, upstream_blocks: []}
- {uuid: slow, type: transformer, language: python, upstream_blocks: [load], timeout: 7200}
"""
LOAD = "@data_loader\ndef load(*args, **kwargs):\n    return [1, 2, 3]\n"
SLOW = """
import os


@transformer
def add(numbers, *args, **kwargs):
    print("in job", os.environ["CLOUD_RUN_JOB"])
    return {"sum": sum(numbers), "key": os.environ["API_KEY"][:4]}
"""
LAST = PIPELINE.splitlines()[-1]


@pytest.fixture
def project(world: World, tmp_path: Path) -> Iterator[Path]:
    files = {
        "pipelines/lasting/metadata.yaml": PIPELINE,
        "data_loaders/load.py": LOAD,
        "transformers/slow.py": SLOW,
        ".env": "API_KEY=keyed-in-secret\n",
    }
    root = made(tmp_path / "patience", files)
    yield root
    world.blocklift("destroy", root, "--yes", "--data")
    assert names(world) == set()


def names(world: World) -> set[str]:
    found = {job["name"].rpartition("/")[2] for job in world.get(JOBS).get("jobs", ())}
    return {name for name in found if name.startswith("lasting")}


def writes(world: World, project: Path) -> dict[str, str]:
    changes = world.blocklift("plan", project, "--json").json["changes"]
    return {c["key"]: c["action"] for c in changes if c["action"] != "keep"}


def test_a_block_of_two_hours_runs_as_a_job(world: World, project: Path) -> None:
    done = world.blocklift("run", project, "lasting", "--json").json
    manifest = world.manifest(done["run"], "patience", "lasting", "slow")
    assert manifest["status"] == "done"
    assert names(world) == {"lasting-slow"}
    job = world.get(f"{JOBS}/lasting-slow")["template"]["template"]
    assert job["timeout"] == "7200s"
    assert job["serviceAccount"].startswith("lasting-run@")
    assert "in job lasting-slow" in world.blocklift("logs", project, done["run"]).out
    world.blocklift("deploy", project)
    assert writes(world, project) == {}

    # Only the workflow's account may run it; the function behind it is called by nobody.
    service = JOBS.replace("jobs", "services")
    assert "bindings" not in world.get(f"{service}/lasting-slow:getIamPolicy")
    (binding,) = world.get(f"{JOBS}/lasting-slow:getIamPolicy")["bindings"]
    assert binding["members"] == [
        "serviceAccount:lasting-wf@blocklift-local.iam.gserviceaccount.com"
    ]

    # A changed block: a new image for the same job.
    before = world.get(f"{JOBS}/lasting-slow")
    (project / "transformers/slow.py").write_text(SLOW.replace("sum(numbers)", "max(numbers)"))
    assert writes(world, project) == {
        "function/lasting-slow": "update",
        "job/lasting-slow": "update",
        "workflow/lasting": "update",
    }
    world.blocklift("deploy", project)
    after = world.get(f"{JOBS}/lasting-slow")
    assert int(after["generation"]) > int(before["generation"])

    # A removed block: its job goes.
    metadata = project / "pipelines/lasting/metadata.yaml"
    metadata.write_text(PIPELINE.replace(LAST, ""))
    assert writes(world, project)["job/lasting-slow"] == "delete"
    world.blocklift("deploy", project)
    assert names(world) == set()
