"""An execution as the Executions API shows it, and as the store keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.clock import rfc3339, unix
from emulator.cloud import project_number
from emulator.drive.names import ExecutionName, WorkflowName
from emulator.drive.values import encode
from emulator.workflows.effects import Failed, Frame, Outcome, Succeeded

Json = Any
Value = Any
INHERITED = ("callLogLevel", "executionHistoryLevel")
"""The execution's own level beats the workflow's."""


def new_document(
    name: ExecutionName, workflow: Mapping[str, Json], given: Mapping[str, Json], now: str
) -> dict[str, Json]:
    document: dict[str, Json] = {
        "name": str(name),
        "createTime": now,
        "state": "QUEUED",
        "argument": given.get("argument") or "null",
        "workflowRevisionId": workflow["revisionId"],
    }
    for field in INHERITED:
        if level := given.get(field) or workflow.get(field):
            document[field] = level
    if labels := {**workflow.get("labels", {}), **given.get("labels", {})}:
        document["labels"] = labels
    if given.get("disableConcurrencyQuotaOverflowBuffering"):
        document["disableConcurrencyQuotaOverflowBuffering"] = True
    return document


def outcome_fields(outcome: Outcome) -> dict[str, Json]:
    if isinstance(outcome, Succeeded):
        return {"state": "SUCCEEDED", "result": json_text(outcome.result)}
    elements = [_frame(frame) for frame in outcome.stack]
    error: dict[str, Json] = {"payload": outcome.payload, "context": outcome.context}
    if elements:
        error["stackTrace"] = {"elements": elements}
    return {"state": "FAILED", "error": error}


def _frame(frame: Frame) -> dict[str, Json]:
    place = {"line": frame.line, "column": frame.column, "length": frame.length}
    position = {key: str(number) for key, number in place.items() if number}
    return {"step": frame.step, "routine": frame.routine, "position": position}


def json_text(value: Value) -> str:
    return encode(value).decode().strip()


def ended(document: Mapping[str, Json], now: float) -> dict[str, Json]:
    """What every end adds, good or bad."""
    times: dict[str, Json] = {"endTime": rfc3339(now)}
    if start := document.get("startTime"):
        times["duration"] = f"{max(0.0, now - unix(start)):.6f}".rstrip("0").rstrip(".") + "s"
    return times


def broken(error: Exception) -> Failed:
    """A mistake of the emulator's own, told as Google would tell one."""
    message = f"internal error: {type(error).__name__}: {error}"
    payload = {"message": message, "tags": ["SystemError"]}
    return Failed(orjson.dumps(payload).decode(), message, ())


def environment(name: ExecutionName, workflow: Mapping[str, Json]) -> dict[str, str]:
    """Workflows: "Built-in environment variables"."""
    return {
        **workflow.get("userEnvVars", {}),
        "GOOGLE_CLOUD_LOCATION": name.workflow.location,
        "GOOGLE_CLOUD_PROJECT_ID": name.workflow.project,
        "GOOGLE_CLOUD_PROJECT_NUMBER": name.workflow.number,
        "GOOGLE_CLOUD_SERVICE_ACCOUNT_NAME": account_of(name.workflow, workflow),
        "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": name.id,
        "GOOGLE_CLOUD_WORKFLOW_ID": name.workflow.workflow,
        "GOOGLE_CLOUD_WORKFLOW_REVISION_ID": workflow["revisionId"],
    }


def account_of(name: WorkflowName, workflow: Mapping[str, Json]) -> str:
    """E-mail of the service account; without one, Compute Engine's default."""
    given: str = workflow.get("serviceAccount", "")
    return given.rpartition("/")[2] or default_account(name.project)


def default_account(project: str) -> str:
    return f"{project_number(project)}-compute@developer.gserviceaccount.com"


def seed_of(name: ExecutionName) -> int:
    """The same for every start of one execution."""
    return int.from_bytes(hashlib.sha256(name.id.encode()).digest()[:8])
