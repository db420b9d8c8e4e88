"""Starting and watching workflows, through the Workflow Executions API.

The client library has no REST transport and brings gRPC along; three calls by hand do.
"""

from __future__ import annotations

import json
from typing import Any

from runtime import log
from runtime.errors import SettingsProblem
from runtime.web import call_json, endpoint, project_id, region

Json = Any
STATUS = {
    "ACTIVE": "running",
    "QUEUED": "initial",
    "SUCCEEDED": "completed",
    "FAILED": "failed",
    "UNAVAILABLE": "failed",
    "CANCELLED": "cancelled",
}
"""Google's states in Mage's words."""


def workflow_name(workflow: str) -> str:
    """The full name of a workflow beside this function."""
    if workflow.startswith("projects/"):
        return workflow
    return f"projects/{project_id()}/locations/{region()}/workflows/{workflow}"


def start(workflow: str, argument: Json) -> Json:
    """A new execution, as the API describes it; in the trace of the block that starts it."""
    call = log.current()
    if call and call.traceparent:
        argument = {"traceparent": call.traceparent, **argument}
    body = {"argument": json.dumps(argument)}
    return call_json("POST", f"{_root()}/{workflow_name(workflow)}/executions", body)


def get(name: str) -> Json:
    return call_json("GET", f"{_root()}/{name}")


def latest(workflow: str, count: int = 50) -> list[Json]:
    """Executions of a workflow with their arguments, the newest first."""
    url = f"{_root()}/{workflow_name(workflow)}/executions?view=FULL&pageSize={count}"
    found: list[Json] = (call_json("GET", url) or {}).get("executions", [])
    return found


def argument_of(execution: Json) -> Json:
    try:
        return json.loads(execution.get("argument") or "{}") or {}
    except ValueError as error:
        raise SettingsProblem(f"{execution.get('name')} has no JSON argument") from error


def _root() -> str:
    return f"{endpoint('workflowexecutions')}/v1"
