"""Least rights, and pipelines that do not stand in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.story.conftest import World

PROJECT = "/v3/projects/blocklift-local"
ACCOUNTS = "/v1/projects/blocklift-local/serviceAccounts"
ONE = "type: python\nblocks:\n- {{uuid: {0}, type: data_loader, language: python}}\n"
LOADER = "@data_loader\ndef load(*args, **kwargs):\n    return {0!r}\n"
STREAM = "type: streaming\nblocks: []\n"
QUERY = """
from google.cloud import bigquery


@data_loader
def load(*args, **kwargs):
    return [row.n for row in bigquery.Client().query("SELECT 7 AS n").result()]
"""


def made(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in {"metadata.yaml": "project_type: standalone\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def mixed(world: World, tmp_path: Path) -> Iterator[Path]:
    """Two pipelines that can run here, and one that cannot."""
    root = made(
        tmp_path / "mixed",
        {
            "pipelines/rights_a/metadata.yaml": ONE.format("first"),
            "pipelines/rights_b/metadata.yaml": ONE.format("second"),
            "pipelines/stream/metadata.yaml": STREAM,
            "data_loaders/first.py": LOADER.format(1),
            "data_loaders/second.py": LOADER.format(2),
        },
    )
    yield root
    world.blocklift("destroy", root, "--yes", "--data")


def members(world: World, path: str, method: str = "POST") -> set[str]:
    call = world.post if method == "POST" else world.get
    bindings = call(path).get("bindings", ())
    return {member for binding in bindings for member in binding["members"]}


def accounts(world: World) -> set[str]:
    found = world.get(ACCOUNTS, pageSize="100").get("accounts", ())
    return {account["email"].partition("@")[0] for account in found}


def test_one_pipeline_is_deployed_whatever_the_others_lack(world: World, mixed: Path) -> None:
    world.blocklift("deploy", mixed, "--pipeline", "rights_a")
    assert {"rights-a-run", "rights-a-wf"} <= accounts(world)
    assert not {"rights-b-run", "rights-b-wf"} & accounts(world)
    named = members(world, f"{PROJECT}:getIamPolicy")
    assert not [member for member in named if "rights-b" in member]

    # The second one leaves the first one's rights as they are.
    world.blocklift("deploy", mixed, "--pipeline", "rights_b")
    bucket = "/storage/v1/b/blocklift-local-blocklift-mixed/iam"
    named = members(world, bucket, "GET")
    assert {m.partition(":")[2].partition("@")[0] for m in named} >= {
        "rights-a-run",
        "rights-b-run",
    }
    for name in ("rights_a", "rights_b"):
        world.blocklift("run", mixed, name)
        plan = world.blocklift("plan", mixed, "--pipeline", name, "--json").json
        assert not plan["would_change"]


def test_a_refused_pipeline_is_told_and_may_be_left_out(world: World, mixed: Path) -> None:
    refused = world.blocklift("deploy", mixed, code=1)
    assert "stream/metadata.yaml" in refused.err
    assert "rights_a, rights_b" in refused.err
    assert "--skip-refused" in refused.err
    assert "rights-a-run" not in accounts(world)

    done = world.blocklift("deploy", mixed, "--skip-refused")
    assert "pipeline stream is left out" in done.err
    assert {"rights-a-run", "rights-b-run"} <= accounts(world)
    world.blocklift("run", mixed, "rights_b")


@pytest.fixture
def asking(world: World, tmp_path: Path) -> Iterator[Path]:
    """A block that asks BigQuery."""
    files = {
        "pipelines/asking/metadata.yaml": ONE.format("ask"),
        "data_loaders/ask.py": QUERY,
    }
    root = made(tmp_path / "asker", files)
    yield root
    world.blocklift("destroy", root, "--yes", "--data")


def without(policy: Mapping[str, Any], role: str) -> dict[str, Any]:
    kept = [binding for binding in policy["bindings"] if binding["role"] != role]
    return {**policy, "bindings": kept}


def test_a_missing_role_is_named_and_brought_back(world: World, asking: Path) -> None:
    planned = world.blocklift("plan", asking).out
    assert "roles/bigquery.jobUser" in planned
    assert "ask: runs BigQuery jobs" in planned
    world.blocklift("run", asking, "asking")

    policy = world.post(f"{PROJECT}:getIamPolicy", {"options": {"requestedPolicyVersion": 3}})
    body = {"policy": without(policy, "roles/bigquery.jobUser")}
    world.post(f"{PROJECT}:setIamPolicy", body)
    failed = world.blocklift("run", asking, "asking", code=1)
    assert "bigquery.jobs.create" in failed.said
    assert "roles/bigquery.jobUser" in failed.said

    bucket = "/storage/v1/b/blocklift-local-blocklift-asker/iam"
    policy = world.get(bucket, optionsRequestedPolicyVersion="3")
    body = without(policy, "roles/storage.objectUser")
    world.http.put(bucket, json=body).raise_for_status()
    failed = world.blocklift("run", asking, "asking", code=1)
    assert "storage.objects." in failed.said
    assert "roles/storage.objectUser" in failed.said

    world.blocklift("deploy", asking)  # brings back both
    world.blocklift("run", asking, "asking")
