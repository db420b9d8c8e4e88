"""The opened project and its pipelines in a list."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.server.messages.runs import RunSummary
from studio.server.messages.shared import Json, Problem


@dataclass(frozen=True, slots=True)
class TriggerInfo:
    name: str
    kind: str
    active: bool
    interval: str | None
    next_times: list[float]
    curl: str | None
    """API triggers: what to paste into a terminal."""
    description: str = ""
    variables: dict[str, Json] = field(default_factory=dict)
    matchers: list[dict[str, Json]] = field(default_factory=list)
    """Event triggers: {event_type, pattern} of what starts a run."""


@dataclass(frozen=True, slots=True)
class TriggerChange:
    """What a trigger shall be; None leaves as it is."""

    name: str | None = None
    kind: str | None = None
    """time, api or event."""
    interval: str | None = None
    active: bool | None = None
    description: str | None = None
    variables: dict[str, Json] | None = None
    matchers: list[dict[str, Json]] | None = None


@dataclass(frozen=True, slots=True)
class PipelineSummary:
    """One row of the list of pipelines."""

    id: str
    name: str
    description: str
    type: str
    blocks: int
    tags: list[str]
    triggers: list[TriggerInfo]
    last_runs: list[RunSummary]
    """Newest first, at most 10."""
    problems: int


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """The opened project."""

    name: str
    root: str
    target: str
    targets: list[str]
    pipelines: list[PipelineSummary]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class Clock:
    """A schedule in the target, which may differ from what triggers.yaml says."""

    paused: bool
    by_hand: bool
    """Later deployments leave it so."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What the target knows of the project; asked after its files, which are there at once."""

    last_runs: dict[str, list[RunSummary]]
    """Pipeline → its runs, newest first."""
    curls: dict[str, dict[str, str]]
    """Pipeline → API trigger → what to paste into a terminal."""
    error: str = ""
    """Why the target does not answer."""
    clocks: dict[str, dict[str, Clock]] = field(default_factory=dict)
    """Pipeline → time trigger that is deployed → how it stands there."""
