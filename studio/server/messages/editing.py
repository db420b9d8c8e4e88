"""A pipeline in the editor, and what a person changes there."""

from __future__ import annotations

from dataclasses import dataclass

from studio.server.messages.projects import TriggerInfo
from studio.server.messages.shared import Json, Problem


@dataclass(frozen=True, slots=True)
class BlockInfo:
    """One block of a pipeline, as the editor shows it."""

    id: str
    name: str
    kind: str
    language: str
    path: str
    """Code file, relative to the project; "" when the code is inside metadata.yaml."""
    upstream: list[str]
    configuration: dict[str, Json]
    retry: dict[str, Json]
    timeout: float | None
    color: str | None
    shared_with: list[str]
    """Other pipelines that use the same file."""
    code: str
    version: str
    attached_to: list[str]
    """Callbacks and conditionals: their parents."""
    job: bool = False
    """It is a Cloud Run job there, not a function: longer than half an hour, or asked for."""


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """A pipeline opened in the editor."""

    id: str
    name: str
    description: str
    blocks: list[BlockInfo]
    variables: dict[str, Json]
    triggers: list[TriggerInfo]
    problems: list[Problem]
    version: str
    """Of its metadata.yaml."""
    mermaid: str
    notes: list[str]
    """What the compiler did to fit the platform."""


@dataclass(frozen=True, slots=True)
class FileText:
    path: str
    text: str
    version: str


@dataclass(frozen=True, slots=True)
class EditConflict:
    """The file changed since the editor read it; nothing was written."""

    path: str
    yours: str
    theirs: str
    version: str
    """Of `theirs`."""


@dataclass(frozen=True, slots=True)
class Template:
    """A way to start a new block."""

    id: str
    title: str
    group: str
    kind: str
    language: str
    code: str
    configuration: dict[str, Json]


@dataclass(frozen=True, slots=True)
class NewBlock:
    name: str
    kind: str
    language: str
    template: str
    upstream: list[str]
    color: str | None = None


@dataclass(frozen=True, slots=True)
class BlockChange:
    """What of a block shall change; None leaves as it is."""

    name: str | None = None
    upstream: list[str] | None = None
    configuration: dict[str, Json] | None = None
    retry: dict[str, Json] | None = None
    timeout: float | None = None
    was: dict[str, Json] | None = None
    """What the page showed of these; when it is something else by now, nothing is changed."""


@dataclass(frozen=True, slots=True)
class DebugInfo:
    """Where a block waits for a debugger."""

    host: str
    port: int
    launch: str
    """launch.json for VS Code."""
