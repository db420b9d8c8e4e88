"""Blocks that take longer than a call may: Cloud Run jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
LOAD = """
import os


@data_loader
def load(*args, **kwargs):
    return [len(os.environ["API_KEY"]) - 14, 2, 3]
"""
SLOW = """
import os


@transformer
def add(numbers, *args, **kwargs):
    print("in job", os.environ["CLOUD_RUN_JOB"])
    return {"sum": sum(numbers), "key": os.environ["API_KEY"][:4]}
"""
CALLER = "serviceAccount:lasting-wf@blocklift-local.iam.gserviceaccount.com"
BUCKET = "blocklift-local-blocklift-patience"
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
    assert binding["members"] == [CALLER]

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

    # Back: the same job runs the earlier image, and nothing is built.
    world.blocklift("rollback", project, "--yes")
    assert image(world.get(f"{JOBS}/lasting-slow")) == image(before) != image(after)
    run = world.execute("lasting")["name"].rpartition("/")[2]
    assert json.loads(world.object(BUCKET, output(world, run)))["sum"] == 6
    assert writes(world, project)["job/lasting-slow"] == "update"
    world.blocklift("deploy", project)
    assert image(world.get(f"{JOBS}/lasting-slow")) == image(after)

    # A removed block: its job goes, and comes back with the deployment that had it.
    metadata = project / "pipelines/lasting/metadata.yaml"
    metadata.write_text(PIPELINE.replace(LAST, ""))
    assert writes(world, project)["job/lasting-slow"] == "delete"
    world.blocklift("deploy", project)
    assert names(world) == set()
    world.blocklift("rollback", project, "--yes")
    assert names(world) == {"lasting-slow"}
    (binding,) = world.get(f"{JOBS}/lasting-slow:getIamPolicy")["bindings"]
    assert binding["members"] == [CALLER]


def image(job: Mapping[str, Any]) -> str:
    return str(job["template"]["template"]["containers"][0]["image"])


def output(world: World, run: str) -> str:
    found = world.objects(BUCKET, f"runs/patience/lasting/{run}/slow/")
    return next(name for name in found if "output_0" in name)


def test_a_function_that_becomes_a_job_is_called_by_nobody(world: World, project: Path) -> None:
    metadata = project / "pipelines/lasting/metadata.yaml"
    metadata.write_text(PIPELINE.replace(", timeout: 7200", ""))
    world.blocklift("deploy", project)
    policy = f"{JOBS.replace('jobs', 'services')}/lasting-slow:getIamPolicy"
    (binding,) = world.get(policy)["bindings"]
    assert binding["members"] == [CALLER]
    metadata.write_text(PIPELINE)
    assert writes(world, project)["access/service/lasting-slow"] == "update"
    world.blocklift("deploy", project)
    assert not world.get(policy).get("bindings")
    assert writes(world, project) == {}
