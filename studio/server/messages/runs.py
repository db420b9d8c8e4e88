"""Runs: in a list, as a whole, step by step, compared, and those of the past to be made up for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from studio.server.messages.outputs import Column, OutputInfo, TestInfo
from studio.server.messages.shared import BlockState, Json, RunState


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One row of a list of runs."""

    id: str
    pipeline: str
    state: RunState
    started: float
    ended: float | None
    trigger: str
    error: str
    note: str = ""
    """Why it was skipped."""


@dataclass(frozen=True, slots=True)
class Failure:
    kind: str
    type: str
    message: str
    file: str
    line: int
    traceback: list[str]


@dataclass(frozen=True, slots=True)
class BlockRun:
    """One block in one run."""

    block: str
    state: BlockState
    started: float | None
    seconds: float | None
    peak_bytes: int | None
    outputs: list[OutputInfo]
    tests: list[TestInfo]
    failure: Failure | None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run, whole."""

    id: str
    pipeline: str
    state: RunState
    started: float
    ended: float | None
    variables: dict[str, Json]
    blocks: list[BlockRun]
    error: str
    current_steps: list[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    time: float
    severity: str
    block: str
    message: str


@dataclass(frozen=True, slots=True)
class StepInfo:
    """A step that an execution of a workflow took or is in."""

    routine: str
    step: str
    kind: str
    state: str
    started: float
    ended: float | None
    note: str
    """How its exception reads, or which turn of a loop or retry it is."""


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """How the columns of one output differ between two runs."""

    block: str
    output: int
    added: list[Column]
    removed: list[Column]
    retyped: list[list[str]]
    """Name, type then, type now."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of one pipeline."""

    before: RunInfo
    after: RunInfo
    schemas: list[SchemaChange]
    unread: list[str]
    """Outputs too large, or gone, so that their columns are not compared."""


@dataclass(frozen=True, slots=True)
class BackfillSlot:
    """One interval of a backfill, and its run."""

    date: str
    state: str
    """WAITING when it was not started yet, else as Workflows says."""
    run: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Event:
    """One item of the server-sent stream; `id` lets a browser resume."""

    id: int
    type: Literal["files_changed", "block_run", "run_changed", "log", "deploy", "toast", "ping"]
    data: dict[str, Json] = field(default_factory=dict)
