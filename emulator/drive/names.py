"""Resource names of the Workflows and Executions APIs.

Workflows are named by project id and executions by project number, as Google does; either is
understood in requests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from emulator.cloud import Projects, project_number
from emulator.errors import invalid

_WORKFLOW = re.compile(r"projects/([^/]+)/locations/([^/]+)/workflows/([^/:]+)")
_EXECUTION = re.compile(_WORKFLOW.pattern + r"/executions/([^/:]+)")


_number = lru_cache(4096)(project_number)


def known(project: str, projects: Projects) -> str:
    """The id; an id that is named for the first time is remembered, whatever wire it came by."""
    if project.isdigit():
        return projects.id_of(project)
    projects.remember(project)
    return project


@dataclass(frozen=True, slots=True)
class WorkflowName:
    """`project` is the id."""

    project: str
    location: str
    workflow: str

    @classmethod
    def parse(cls, text: str, projects: Projects) -> Self:
        found = _WORKFLOW.fullmatch(text)
        if not found:
            raise invalid(f"'{text}' is not the name of a workflow")
        project, location, workflow = found.groups()
        return cls(known(project, projects), location, workflow)

    @property
    def parent(self) -> str:
        return f"projects/{self.project}/locations/{self.location}"

    @property
    def number(self) -> str:
        return self.project if self.project.isdigit() else _number(self.project)

    @property
    def executions(self) -> str:
        """What the names of its executions start with."""
        place = f"projects/{self.number}/locations/{self.location}"
        return f"{place}/workflows/{self.workflow}/executions/"

    def __str__(self) -> str:
        return f"{self.parent}/workflows/{self.workflow}"


@dataclass(frozen=True, slots=True)
class ExecutionName:
    """One execution of a workflow."""

    workflow: WorkflowName
    id: str

    @classmethod
    def parse(cls, text: str, projects: Projects) -> Self:
        found = _EXECUTION.fullmatch(text)
        if not found:
            raise invalid(f"'{text}' is not the name of an execution")
        project, location, workflow, execution = found.groups()
        return cls(WorkflowName(known(project, projects), location, workflow), execution)

    def __str__(self) -> str:
        return f"{self.workflow.executions}{self.id}"
