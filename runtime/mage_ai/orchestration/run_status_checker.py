"""Whether another pipeline has run: what sensors ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from runtime import executions
from runtime.context import required
from runtime.contract import Manifest
from runtime.errors import SettingsProblem


def check_status(
    pipeline_uuid: str,
    execution_date: datetime,
    repo_path: str | None = None,
    block_uuid: str | None = None,
    hours: int = 24,
    **_options: Any,
) -> bool:
    """True when the latest run around that date has completed; an error if it failed."""
    context = required("check_status")
    workflow = context.spec.workflows.get(pipeline_uuid)
    if workflow is None:
        raise SettingsProblem(f"there is no deployed pipeline {pipeline_uuid!r} to look at")
    until = _naive(execution_date)
    found = _latest(workflow, until - timedelta(hours=hours), until)
    if found is None:
        return False
    if block_uuid:
        return _has_run(context, pipeline_uuid, found["name"].rpartition("/")[2], block_uuid)
    status = executions.STATUS.get(found.get("state", ""), "running")
    if status in ("failed", "cancelled"):
        raise RuntimeError(f"the run of {pipeline_uuid} for {until} is {status}")
    return status == "completed"


def _latest(workflow: str, since: datetime, until: datetime) -> Any:
    for execution in executions.latest(workflow):
        trigger = executions.argument_of(execution).get("trigger") or {}
        moment = trigger.get("execution_date") or execution.get("startTime")
        if moment and since <= _naive(datetime.fromisoformat(moment)) <= until:
            return execution
    return None


def _has_run(context: Any, pipeline: str, run: str, block: str) -> bool:
    from runtime.artifacts import Artifacts

    there = Artifacts(context.artifacts.bucket, context.spec.project, pipeline, run)
    manifest: Manifest | None = there.manifests([there.prefix(block)])[0]
    return manifest is not None


def _naive(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
