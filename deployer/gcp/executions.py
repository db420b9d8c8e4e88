"""Workflow Executions: start a run, look at it, end it. (Its Python client is gRPC only.)"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from deployer.gcp.session import Session
from deployer.target import Target

Json = Any
OVER = frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "UNAVAILABLE"})
SKIPPED = "SKIPPED"
"""Ours: an execution that ended well because it was not to begin."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a workflow, as the API told it last."""

    name: str
    state: str
    workflow: str
    argument: Mapping[str, Json] = field(default_factory=dict)
    started: str = ""
    ended: str = ""
    duration: float = 0.0
    steps: tuple[str, ...] = ()
    """Names of the steps that it is in."""
    error: Mapping[str, Json] = field(default_factory=dict)
    result: str = ""

    @property
    def id(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def skipped(self) -> str:
        """Why the run did nothing, as its workflow says it: a limit or its trigger's times."""
        return str(mapping(self.result).get("skipped") or "") if self.state == "SUCCEEDED" else ""

    @property
    def outcome(self) -> str:
        """What to call the run: Workflows' state, or that it was skipped."""
        return SKIPPED if self.skipped else self.state


class Executions:
    """The executions of one target's workflows."""

    def __init__(self, target: Target, session: Session) -> None:
        self.session = session
        self.root = f"{target.endpoints.executions}/v1"
        self.target = target

    def start(self, workflow: str, argument: Mapping[str, Json]) -> Execution:
        body = {"argument": json.dumps(argument)}
        return execution_of(self.session.post(self.url(workflow), f"starting {workflow}", body))

    def get(self, workflow: str, run: str) -> Execution:
        url = f"{self.url(workflow)}/{run}"
        return execution_of(self.session.get(url, f"reading run {run}"))

    def find(self, workflow: str, run: str) -> Execution | None:
        found = self.session.find(f"{self.url(workflow)}/{run}", f"reading run {run}")
        return execution_of(found) if found else None

    def list(self, workflow: str, most: int) -> tuple[Execution, ...]:
        """Newest first."""
        return tuple(islice(self.all(workflow), most))

    def all(self, workflow: str) -> Iterator[Execution]:
        query = {"view": "FULL", "pageSize": 100}
        doing = f"listing the runs of {workflow}"
        return map(execution_of, self.session.pages(self.url(workflow), doing, "executions", query))

    def cancel(self, workflow: str, run: str) -> None:
        self.session.post(f"{self.url(workflow)}/{run}:cancel", f"cancelling run {run}", {})

    def url(self, workflow: str) -> str:
        return f"{self.root}/{self.target.workflow(workflow)}/executions"


def execution_of(data: Mapping[str, Json]) -> Execution:
    parts = str(data["name"]).split("/")
    current = (data.get("status") or {}).get("currentSteps") or ()
    return Execution(
        name=data["name"],
        state=data.get("state", "ACTIVE"),
        workflow=parts[-3],
        argument=mapping(data.get("argument")),
        started=data.get("startTime", ""),
        ended=data.get("endTime", ""),
        duration=float(str(data.get("duration") or "0").rstrip("s") or 0),
        steps=tuple(step.get("step", "") for step in current),
        error=data.get("error") or {},
        result=data.get("result", ""),
    )


def mapping(text: str | None) -> Mapping[str, Json]:
    """An argument that is no JSON map was not given by us."""
    try:
        value = json.loads(text or "null")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
