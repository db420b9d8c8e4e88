"""The workflows that can be started: documents in the store, programs compiled once."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Protocol

from emulator.drive.names import WorkflowName
from emulator.errors import not_found
from emulator.store import Store
from emulator.workflows.limits import Limits
from emulator.workflows.syntax import Program

Json = Any
WORKFLOW = "workflow"
REVISION = "workflow-revision"
KEPT = 256
"""Compiled programs kept in memory; the least recently used goes first."""
LATEST = 16
"""Sources whose programs are kept until they are executed."""


class Parse(Protocol):
    """`emulator.workflows.parse.parse`."""

    def __call__(self, source: str, *, limits: Limits) -> Program: ...


class Definitions:
    """Reads what the Workflows API wrote."""

    def __init__(self, store: Store, parse: Parse, limits: Limits) -> None:
        self._store = store
        self._parser = parse
        self._limits = limits
        self._programs: OrderedDict[str, Program] = OrderedDict()
        self._latest: OrderedDict[str, Program] = OrderedDict()
        """By source: what a deploy has read, its first execution need not read again."""

    def parse(self, source: str) -> Program:
        """SourceError for what cannot be deployed."""
        if source not in self._latest:
            self._latest[source] = self._parser(source, limits=self._limits)
            if len(self._latest) > LATEST:
                self._latest.popitem(last=False)
        return self._latest[source]

    def has(self, name: WorkflowName) -> bool:
        return self._store.get(WORKFLOW, str(name)) is not None

    def latest(self, name: WorkflowName) -> dict[str, Json]:
        workflow: dict[str, Json] | None = self._store.get(WORKFLOW, str(name))
        if workflow is None:
            raise not_found(str(name))
        return workflow

    def revision(self, name: WorkflowName, revision: str) -> dict[str, Json]:
        workflow: dict[str, Json] | None = self._store.get(REVISION, f"{name}@{revision}")
        if workflow is None:
            raise not_found(f"{name}@{revision}")
        return workflow

    def revisions(self, name: WorkflowName) -> list[dict[str, Json]]:
        """Newest first."""
        return [value for _, value in reversed(self._store.list(REVISION, f"{name}@"))]

    def all_in(self, parent: str) -> list[dict[str, Json]]:
        return [value for _, value in self._store.list(WORKFLOW, f"{parent}/workflows/")]

    def save(self, name: WorkflowName, workflow: dict[str, Json]) -> None:
        self._store.put(REVISION, f"{name}@{workflow['revisionId']}", workflow)
        self._store.put(WORKFLOW, str(name), workflow)

    def remove(self, name: WorkflowName) -> None:
        self._store.delete(WORKFLOW, str(name))
        for revision, _ in self._store.list(REVISION, f"{name}@"):
            self._store.delete(REVISION, revision)
            self._programs.pop(revision, None)

    def program(self, name: WorkflowName, revision: str) -> Program:
        key = f"{name}@{revision}"
        if key not in self._programs:
            source = self.revision(name, revision)["sourceContents"]
            self._programs[key] = self.parse(source)
            self._latest.pop(source, None)
        self._programs.move_to_end(key)
        if len(self._programs) > KEPT:
            self._programs.popitem(last=False)
        return self._programs[key]
