"""Which limits a pipeline and its triggers have, and what rights holding them takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deployer.model import Pipeline, Place, Trigger
from deployer.triggers import limits
from tests.deployer.making import block, pipeline


def one(concurrency: Any = None, **settings: Any) -> Pipeline:
    its = Trigger("t", "time", Place(Path("t"), 1), interval="@daily", settings=settings)
    about = {"concurrency_config": concurrency}
    return pipeline(block("load"), triggers=(its,), settings=about)


def told(plan: Pipeline) -> dict[str, Any]:
    return limits.told(plan, plan.triggers[0])


@pytest.mark.parametrize("value", [None, 0, -1, "", "many", True, [3]])
def test_what_is_no_limit(value: Any) -> None:
    assert told(one({"pipeline_run_limit": value}, timeout=value)) == {}
    assert limits.blocks_at_once(one({"block_run_limit": value})) is None


def test_the_triggers_own_limit_comes_first() -> None:
    found = told(one({"pipeline_run_limit": "5"}, pipeline_run_limit=2))
    assert found == {"run_limit": 2, "over_limit": "wait"}


def test_to_skip_is_a_limit_of_one() -> None:
    found = told(one({"pipeline_run_limit": 5}, skip_if_previous_running=True))
    assert found == {"run_limit": 1, "over_limit": "skip"}


def test_rights_are_the_least() -> None:
    assert limits.role(one()) is None
    assert limits.role(one(timeout=60)) is None
    assert (limits.role(one(skip_if_previous_running=True)) or "")[0] == "roles/workflows.viewer"
    cancelling = one(timeout=60, timeout_status="cancelled")
    assert (limits.role(cancelling) or "")[0] == "roles/workflows.invoker"
