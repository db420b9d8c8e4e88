"""The steps that an execution took, as Workflows tells them (Workflows: "View step entries")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from deployer.errors import BlockliftError
from deployer.model import Pipeline
from deployer.naming import workflow_id
from deployer.workspace import Workspace
from studio.server.errors import StudioError
from studio.server.messages import StepInfo
from studio.server.runs import seconds_of

MOST = 1000
OVER = {"STATE_SUCCEEDED", "STATE_FAILED"}


def steps(workspace: Workspace, pipeline: Pipeline, run: str) -> list[StepInfo]:
    """In the order in which they began, at most 1,000."""
    executions = workspace.clients.executions
    url = f"{executions.url(workflow_id(pipeline))}/{run}/stepEntries"
    try:
        answer = executions.session.get(url, f"reading the steps of {run}", {"pageSize": MOST})
    except BlockliftError as error:
        raise StudioError(404, str(error), error.hint) from None
    return [step_of(entry) for entry in answer.get("stepEntries", [])]


def step_of(entry: Mapping[str, Any]) -> StepInfo:
    state = str(entry.get("state") or "")
    return StepInfo(
        routine=str(entry.get("routine") or ""),
        step=str(entry.get("step") or ""),
        kind=str(entry.get("stepType") or "").removeprefix("STEP_").lower(),
        state=state.removeprefix("STATE_").lower().replace("_", " "),
        started=seconds_of(str(entry.get("createTime") or "")) or 0.0,
        ended=seconds_of(str(entry.get("updateTime") or "")) if state in OVER else None,
        note=note_of(entry),
    )


def note_of(entry: Mapping[str, Any]) -> str:
    """Its exception in a few words, or which turn of a loop or a retry it is."""
    if payload := (entry.get("exception") or {}).get("payload"):
        return message_in(str(payload))[:300]
    metadata = entry.get("stepEntryMetadata") or {}
    kind = str(metadata.get("progressType") or "").removeprefix("PROGRESS_TYPE_").lower()
    return f"{kind} {metadata.get('progressNumber', '')}".strip() if kind else ""


def message_in(payload: str) -> str:
    try:
        data = json.loads(payload)
    except ValueError:
        return payload
    return str(data.get("message") or payload) if isinstance(data, dict) else str(data)
