"""Policies that pipelines share, for all of them and for some."""

from __future__ import annotations

from dataclasses import replace

from deployer.gcp.access import is_ours
from deployer.model import PipelineId
from deployer.resources import Access, Grant
from deployer.rights.grants import Rights
from deployer.target import local
from tests.deployer.making import block, pipeline, project

DAILY = pipeline(block("load"))
WEEKLY = replace(pipeline(block("sum")), id=PipelineId("weekly"))
SHOP = project(DAILY, WEEKLY)
HERE = local(SHOP, "http://127.0.0.1:9090")


def members(access: Access) -> set[str]:
    return {grant.member.partition(":")[2].partition("@")[0] for grant in access.grants}


def test_all_pipelines_share_one_policy() -> None:
    (bucket, on_project) = Rights(SHOP, HERE).shared_access()
    assert members(bucket) == {"daily-run", "weekly-run"}
    assert members(on_project) == {"daily-wf", "weekly-wf"}
    assert bucket.about == ()


def test_one_pipeline_names_and_decides_only_its_own() -> None:
    (bucket, on_project) = Rights(SHOP, HERE, frozenset({"daily"})).shared_access()
    assert members(bucket) == {"daily-run"}
    assert members(on_project) == {"daily-wf"}
    assert not any("weekly" in need for need in bucket.needs | on_project.needs)
    email = "@blocklift-local.iam.gserviceaccount.com"
    assert bucket.about == (f"serviceAccount:daily-run{email}", f"serviceAccount:daily-wf{email}")


def test_a_part_leaves_the_others_rights() -> None:
    (part, _) = Rights(SHOP, HERE, frozenset({"daily"})).shared_access()
    (whole, _) = Rights(SHOP, HERE).shared_access()
    mine, other = part.about[0], part.about[0].replace("daily", "weekly")
    ours = {mine, other}
    assert is_ours(part, Grant("r", mine), ours)
    assert not is_ours(part, Grant("r", other), ours)
    assert is_ours(whole, Grant("r", other), ours)


def test_a_long_block_lets_its_workflow_watch_jobs() -> None:
    slow = project(pipeline(block("load", timeout=7200)))
    (_, on_project) = Rights(slow, HERE).shared_access()
    viewers = [g for g in on_project.grants if g.role == "roles/run.viewer"]
    assert [(g.member.partition(":")[2].partition("@")[0], g.why) for g in viewers] == [
        ("daily-wf", "waits for Cloud Run jobs")
    ]
