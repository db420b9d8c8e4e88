"""API triggers: `from runtime.trigger import handle as trigger`.

Mage's two URLs, each with the trigger's own token:

POST /api/pipeline_schedules/<id>/pipeline_runs/<token>
POST /api/pipeline_schedules/<id>/api_trigger        Authorization: Bearer <token>

The body may hold {"pipeline_run": {"variables": {…}}}; its other keys become event variables.
The answer has Mage's shape. Errors have it too, but a proper HTTP code, where Mage says 200.
"""

from __future__ import annotations

import hmac
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime import executions
from runtime.errors import Problem
from runtime.here import folder
from runtime.record import field, record

if TYPE_CHECKING:
    from flask import Request

Json = Any
Answer = tuple[str, int, dict[str, str]]
ROOT = Path(folder())
_PATH = re.compile(r".*/api/pipeline_schedules/(\d+)/(?:pipeline_runs/([^/]+)|api_trigger)/?")

_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C: Trace Context."""


@record
class Trigger:
    """One API trigger, as the deployer wrote it into triggers.json."""

    id: int
    pipeline: str
    workflow: str
    name: str = ""
    variables: Mapping[str, Json] = field(default_factory=dict)
    token_env: str = ""
    limits: Mapping[str, Json] = field(default_factory=dict)
    """Of its runs: how many at once, how long."""

    def allows(self, token: str) -> bool:
        """A trigger whose token is empty lets nobody in. Takes as long for any token."""
        secret = os.environ.get(self.token_env, "")
        return bool(secret) and hmac.compare_digest(secret.encode(), token.encode())


class Refusal(Exception):
    """What the caller is told."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def handle(request: Request) -> Answer:
    """Functions-framework calls this for each request."""
    try:
        trigger = _found(request, triggers())
        body = _body(request)
        trace = request.headers.get("traceparent", "")
        return _json({"pipeline_run": _started(trigger, body, trace)}, 200)
    except Refusal as refusal:
        return _error(refusal.code, refusal.message)
    except Problem as problem:
        print(json.dumps({"severity": "ERROR", "message": f"trigger: {problem}"}), flush=True)
        return _error(502, "the pipeline could not be started; the function's log says why")


@cache
def triggers(root: Path = ROOT) -> dict[int, Trigger]:
    listed = json.loads((root / "triggers.json").read_text())
    return {item["id"]: Trigger(**item) for item in listed}


def _found(request: Request, known: Mapping[int, Trigger]) -> Trigger:
    """The trigger that the URL names, if the token is its own."""
    match = _PATH.fullmatch(request.path)
    if match is None:
        raise Refusal(404, "POST to /api/pipeline_schedules/<id>/pipeline_runs/<token>")
    if request.method != "POST":
        raise Refusal(405, "only POST starts a run")
    trigger = known.get(int(match[1]))
    token = match[2] or _bearer(request.headers.get("Authorization", ""))
    if trigger is None or not trigger.allows(token):
        raise Refusal(403, f"no API trigger {match[1]} with this token")
    return trigger


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _body(request: Request) -> dict[str, Json]:
    data = request.get_data()
    if not data.strip():
        return {}
    try:
        body = json.loads(data)
    except ValueError as error:
        raise Refusal(400, f"the body is no JSON: {error}") from None
    run = body.get("pipeline_run", {}) if isinstance(body, dict) else None
    if not isinstance(run, dict) or not isinstance(run.get("variables") or {}, dict):
        raise Refusal(400, 'the body should be {"pipeline_run": {"variables": {…}}}')
    return dict(body)


def _started(trigger: Trigger, body: dict[str, Json], trace: str) -> Json:
    """Start the workflow, in the trace of whoever calls; the run as Mage would show it."""
    now = datetime.now(UTC)
    variables = {**trigger.variables, **(body.get("pipeline_run", {}).get("variables") or {})}
    event = {key: value for key, value in body.items() if key != "pipeline_run"}
    told = {
        **trigger.limits,
        "id": trigger.id,
        "name": trigger.name,
        "type": "api",
        "execution_date": now.isoformat(),
        "event": event,
    }
    argument: dict[str, Json] = {"variables": variables, "trigger": told}
    argument |= {"traceparent": trace} if _TRACE.fullmatch(trace) else {}
    execution = executions.start(trigger.workflow, argument)
    return _pipeline_run(trigger, execution["name"].rpartition("/")[2], variables, event, now)


def _pipeline_run(
    trigger: Trigger, run: str, variables: Json, event: Json, now: datetime
) -> dict[str, Json]:
    moment = now.strftime("%Y-%m-%d %H:%M:%S.%f")
    partition = f"{trigger.id}/{now.strftime('%Y%m%dT%H%M%S_%f')}"
    return {
        "id": run,
        "created_at": moment,
        "updated_at": moment,
        "pipeline_schedule_id": trigger.id,
        "pipeline_uuid": trigger.pipeline,
        "execution_date": moment,
        "status": "initial",
        "started_at": None,
        "completed_at": None,
        "variables": {**variables, "execution_partition": partition},
        "passed_sla": False,
        "event_variables": event,
        "metrics": None,
        "backfill_id": None,
        "executor_type": "gcp_workflows",
    }


def _error(code: int, message: str) -> Answer:
    return _json({"error": {"code": code, "message": message}}, code)


def _json(body: Json, status: int) -> Answer:
    return json.dumps(body), status, {"Content-Type": "application/json"}
