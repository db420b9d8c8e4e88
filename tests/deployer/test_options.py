"""How a function is sized."""

from __future__ import annotations

import pytest

from deployer.model import Kind
from deployer.options import Options, options
from tests.deployer.making import block, pipeline, project


def of(settings: dict[str, object] | None = None, **more: object) -> Options:
    found = block("load", **more)
    plan = pipeline(found)
    return options(project(plan, settings=settings or {}), plan, found)


def test_defaults() -> None:
    assert of() == Options()


def test_the_blocks_wishes_lie_over_the_projects() -> None:
    defaults = {"defaults": {"memory": "2Gi", "python": "3.12", "max_instances": 9}}
    found = of(defaults, executor_config={"memory": "4Gi", "timeout_seconds": 60})
    assert (found.memory, found.timeout, found.python, found.max_instances) == (
        "4Gi",
        60,
        "python312",
        9,
    )


@pytest.mark.parametrize(
    ("more", "job"),
    [
        ({"timeout": 1800.0}, False),
        ({"timeout": 1801.0}, True),
        ({"executor_type": "gcp_cloud_run"}, True),
        ({"executor_type": "k8s"}, False),
        ({"timeout": 9999.0, "kind": Kind.SENSOR}, False),
    ],
)
def test_what_takes_long_is_a_job(more: dict[str, object], job: bool) -> None:
    assert of(**more).job is job
