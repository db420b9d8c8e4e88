"""Starting another pipeline from a block."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runtime import executions
from runtime.context import required
from runtime.errors import SettingsProblem

FINISHED = frozenset({"completed", "failed", "cancelled"})


@dataclass(slots=True)
class PipelineRun:
    """A started run: what Mage's object shows of it."""

    id: str
    pipeline_uuid: str
    status: str = "initial"
    execution_date: datetime | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    def refresh(self) -> None:
        """Ask how far it is."""
        self.status = executions.STATUS.get(executions.get(self.name).get("state", ""), "running")

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "pipeline_uuid": self.pipeline_uuid,
            "status": self.status,
            "execution_date": self.execution_date,
            "variables": dict(self.variables),
        }


def trigger_pipeline(
    pipeline_uuid: str,
    repo_path: str | None = None,
    variables: Mapping[str, Any] | None = None,
    check_status: bool = False,
    error_on_failure: bool = False,
    poll_interval: float = 60,
    poll_timeout: float | None = None,
    schedule_name: str | None = None,
    verbose: bool = True,
    remote_blocks: Any = None,
    return_remote_blocks: bool = False,
    **_options: Any,
) -> PipelineRun:
    """Start a run; with `check_status`, wait for its end."""
    run = _started(pipeline_uuid, variables or {}, schedule_name)
    if verbose:
        print(f"Started pipeline {pipeline_uuid}: run {run.id}")
    if check_status:
        _wait(run, poll_interval, poll_timeout, verbose)
        if error_on_failure and run.status != "completed":
            raise RuntimeError(f"pipeline {pipeline_uuid}, run {run.id}: {run.status}")
    return run


def _started(pipeline: str, variables: Mapping[str, Any], schedule: str | None) -> PipelineRun:
    workflow = required("trigger_pipeline").spec.workflows.get(pipeline)
    if workflow is None:
        raise SettingsProblem(
            f"there is no deployed pipeline {pipeline!r} that this block may start"
        )
    now = datetime.now(UTC)
    told = {
        "name": schedule or "API_TRIGGER_CREATED_FROM_CODE",
        "type": "api",
        "execution_date": now.isoformat(),
    }
    plain = json.loads(json.dumps(dict(variables), default=str))
    execution = executions.start(workflow, {"variables": plain, "trigger": told})
    return PipelineRun(
        id=execution["name"].rpartition("/")[2],
        pipeline_uuid=pipeline,
        execution_date=now.replace(tzinfo=None),
        variables=plain,
        name=execution["name"],
    )


def _wait(run: PipelineRun, interval: float, timeout: float | None, verbose: bool) -> None:
    """Short runs are noticed soon: the pause grows up to the interval asked for."""
    deadline = None if timeout is None else time.monotonic() + timeout
    pause = min(1.0, interval)
    while True:
        run.refresh()
        if verbose:
            print(f"Pipeline {run.pipeline_uuid}, run {run.id}: {run.status}")
        if run.status in FINISHED:
            return
        if deadline is not None and time.monotonic() + pause > deadline:
            raise TimeoutError(f"pipeline {run.pipeline_uuid}, run {run.id}: still {run.status}")
        time.sleep(pause)
        pause = min(pause * 2, interval)
