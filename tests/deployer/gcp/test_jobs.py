"""A job as Cloud Run tells it back, and as it was wanted."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from deployer.gcp.jobs import live_of
from deployer.options import Options
from deployer.packaging.choice import SHARED_IMAGE
from deployer.resources import Function, Job, Kind, digest, key
from tests.deployer.fakes import code

FUNCTION = Function(
    "daily-slow",
    "daily/slow",
    code("slow"),
    Options(memory="256Mi", cpu="0.5", timeout=90_000, job=True),
    "daily-run@p",
    pipeline="daily",
)
JOB = Job("daily-slow", "daily/slow", FUNCTION, 90_000)
TOLD: Any = {
    "name": "projects/p/locations/l/jobs/daily-slow",
    "labels": {"blocklift-project": "shop", "blocklift-pipeline": "daily", "blocklift-hash": "h"},
    "annotations": {"blocklift/title": "daily/slow", "blocklift/runtime": "python311"},
    "terminalCondition": {"state": "CONDITION_SUCCEEDED"},
    "template": {
        "template": {
            "timeout": "90000s",
            "serviceAccount": "daily-run@p",
            "containers": [{"resources": {"limits": {"cpu": "1", "memory": "512Mi"}}}],
        }
    },
}


def test_a_job_has_at_least_what_cloud_run_gives() -> None:
    assert (JOB.fields()["cpu"], JOB.fields()["memory"]) == ("1", "512Mi")
    large = replace(FUNCTION, options=replace(FUNCTION.options, memory="4Gi", cpu="2"))
    assert replace(JOB, function=large).fields()["memory"] == "4Gi"


def test_its_function_is_no_longer_than_a_call() -> None:
    assert FUNCTION.fields()["timeout"] == 1800
    assert JOB.fields()["timeout"] == 90_000


def test_a_changed_block_changes_the_job() -> None:
    changed = replace(JOB, function=replace(FUNCTION, bundle=code("faster")))
    assert digest(changed, {}) != digest(JOB, {})


def test_what_is_told_back_is_what_was_wanted() -> None:
    live = live_of(TOLD)
    assert (live.key, live.kind, live.title) == (key(JOB), Kind.JOB, "daily/slow")
    assert (live.owner, live.pipeline, live.ready) == ("shop", "daily", True)
    wanted = {k: v for k, v in JOB.fields().items() if k != "bundle"}
    assert {name: live.fields[name] for name in wanted} == wanted


def test_which_image_it_runs_on_is_told_back() -> None:
    shared = replace(JOB, function=replace(FUNCTION, packaging=SHARED_IMAGE))
    told = deepcopy(TOLD)
    [container] = told["template"]["template"]["containers"]
    container["env"] = [{"name": "BLOCKLIFT_BUNDLE", "value": "bundles/daily-slow"}]
    assert live_of(told).fields["packaging"] == shared.fields()["packaging"]
    assert "packaging" not in {**live_of(TOLD).fields, **JOB.fields()}
    assert digest(shared, {}) != digest(JOB, {})


def test_a_job_that_failed_to_be_made_is_not_ready() -> None:
    assert not live_of({**TOLD, "terminalCondition": {"state": "CONDITION_FAILED"}}).ready
