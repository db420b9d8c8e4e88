"""Starting other pipelines from a block, and asking how they went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from runtime.context import entered
from runtime.errors import SettingsProblem, StoreProblem
from runtime.mage_ai.orchestration.run_status_checker import check_status
from runtime.mage_ai.orchestration.triggers.api import trigger_pipeline
from tests.runtime.project import Project

WORKFLOW = "projects/blocklift-local/locations/europe-west1/workflows/daily"


@pytest.fixture
def block(project: Project) -> Iterator[Project]:
    project.block("start", "", workflows={"daily": "daily"})
    with entered(project.context("start")):
        yield project


def test_a_started_run(block: Project) -> None:
    run = trigger_pipeline("daily", variables={"day": datetime(2024, 5, 1)}, schedule_name="mine")
    (execution,) = block.cloud.executions.values()
    assert execution["name"] == f"{WORKFLOW}/executions/{run.id}"
    assert execution["argument"]["variables"] == {"day": "2024-05-01 00:00:00"}
    assert execution["argument"]["trigger"]["name"] == "mine"
    assert run.status == "initial"


def test_waiting_for_its_end(block: Project, capsys: pytest.CaptureFixture[str]) -> None:
    block.cloud.states[:] = ["ACTIVE", "ACTIVE", "SUCCEEDED"]
    run = trigger_pipeline("daily", check_status=True, poll_interval=0.01)
    assert run.status == "completed"
    assert "daily" in capsys.readouterr().out
    block.cloud.states[:] = ["FAILED"]
    assert trigger_pipeline("daily", check_status=True, verbose=False).status == "failed"
    with pytest.raises(RuntimeError, match=r"daily, run .*: failed"):
        trigger_pipeline("daily", check_status=True, error_on_failure=True)
    block.cloud.states[:] = ["ACTIVE"]
    with pytest.raises(TimeoutError, match="still running"):
        trigger_pipeline("daily", check_status=True, poll_interval=0.01, poll_timeout=0.02)


def test_a_start_whose_answer_is_lost_is_not_repeated(block: Project) -> None:
    block.cloud.refuse = lambda method, path: 503 if method == "POST" else None
    with pytest.raises(StoreProblem, match="answered 503"):
        trigger_pipeline("daily")
    assert len([path for _, path in block.cloud.requests if "executions" in path]) == 1
    answers = iter([429])
    block.cloud.refuse = lambda method, _path: next(answers, None) if method == "POST" else None
    assert trigger_pipeline("daily").status == "initial"


def test_a_pipeline_that_is_not_there(block: Project) -> None:
    with pytest.raises(SettingsProblem, match="no deployed pipeline 'nightly'"):
        trigger_pipeline("nightly")


def test_how_a_run_went(block: Project) -> None:
    now = datetime.now(UTC)
    assert check_status("daily", now) is False
    trigger_pipeline("daily", verbose=False)
    later = datetime.now(UTC)
    assert check_status("daily", later) is True
    assert check_status("daily", later, block_uuid="load") is False
    assert check_status("daily", datetime(2020, 1, 1)) is False
    block.cloud.states[:] = ["ACTIVE"]
    assert check_status("daily", later) is False
    block.cloud.states[:] = ["FAILED"]
    with pytest.raises(RuntimeError, match="is failed"):
        check_status("daily", later)
