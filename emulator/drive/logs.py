"""What executions write to the log service.

Workflows: "Send logs to Cloud Logging" – sys.log goes to `projects/P/logs/Workflows`, calls
and their errors as the call log level says, beginnings and ends to `executions_system`.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.clock import rfc3339
from emulator.cloud import Clock, Json, Logs
from emulator.drive.names import ExecutionName
from emulator.drive.values import clean
from emulator.workflows.effects import Log, Request

TYPE = "type.googleapis.com/google.cloud.workflows.type"


class ExecutionLog:
    """The log lines of one execution."""

    def __init__(
        self, logs: Logs, clock: Clock, name: ExecutionName, revision: str, level: str
    ) -> None:
        self._logs = logs
        self._clock = clock
        self._name = name
        self._about = about(name, revision)
        self.calls = level == "LOG_ALL_CALLS"
        self.wanted = level in {"LOG_ALL_CALLS", "LOG_ERRORS_ONLY"}

    def said(self, log: Log, request: Request) -> None:
        """One sys.log."""
        kind = "jsonPayload" if isinstance(log.payload, dict) else "textPayload"
        self._write("Workflows", log.severity, {kind: log.payload})

    def state(self, state: str, details: Mapping[str, Json]) -> None:
        """The execution began or ended."""
        severity = "ERROR" if state == "FAILED" else "INFO"
        payload = {"@type": f"{TYPE}.ExecutionsSystemLog", "state": state, **details}
        self._system("executions_system", severity, payload)

    def call(self, step: str, state: str, details: Mapping[str, Json]) -> None:
        """A call step: BEGUN, SUCCEEDED or EXCEPTION_RAISED."""
        severity = "ERROR" if state == "EXCEPTION_RAISED" else "INFO"
        about = {"executionId": self._name.id, "step": step}
        payload = {"@type": f"{TYPE}.EngineCallLog", "state": state, **about, **details}
        self._system("engine_call", severity, payload)

    def _system(self, log: str, severity: str, payload: dict[str, Json]) -> None:
        payload["activityTime"] = rfc3339(self._clock.now())
        self._write(f"workflows.googleapis.com%2F{log}", severity, {"jsonPayload": payload})

    def _write(self, log: str, severity: str, content: Mapping[str, Json]) -> None:
        entry = {**self._about, "logName": f"projects/{self._name.workflow.project}/logs/{log}"}
        entry |= {"severity": severity, "timestamp": rfc3339(self._clock.now()), **content}
        try:
            self._logs.write(entry)
        except TypeError:
            self._logs.write(clean(entry))


def about(name: ExecutionName, revision: str) -> dict[str, Json]:
    """What every entry of an execution says of it."""
    workflow = name.workflow
    return {
        "resource": {
            "type": "workflows.googleapis.com/Workflow",
            "labels": {
                "project_id": workflow.project,
                "location": workflow.location,
                "workflow_id": workflow.workflow,
            },
        },
        "labels": {
            "workflows.googleapis.com/execution_id": name.id,
            "workflows.googleapis.com/revision_id": revision,
        },
    }
