"""Every JSON that the browser sends or gets. studio/web/src/api/messages.gen.ts is made of it.

Times are Unix seconds; text that an author or a block wrote is never HTML. A file's `version`
is a digest of its bytes: an edit names the version that it was made from, and is answered with
409 and an `EditConflict` when the file has changed since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
BlockState = Literal[
    "pending", "running", "waiting", "done", "failed", "condition_failed", "upstream_failed"
]
RunState = Literal["queued", "active", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a project (`blocklift check`)."""

    path: str
    line: int
    message: str
    hint: str


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
class RunSummary:
    """One row of a list of runs."""

    id: str
    pipeline: str
    state: RunState
    started: float
    ended: float | None
    trigger: str
    error: str


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


@dataclass(frozen=True, slots=True)
class TestInfo:
    name: str
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class OutputInfo:
    """One output of a block in a run."""

    number: int
    format: str
    rows: int | None
    bytes: int
    preview: Json
    """Not a table: the value itself when small, else its text."""


@dataclass(frozen=True, slots=True)
class Page:
    """A window of a table output."""

    columns: list[Column]
    rows: list[list[Json]]
    offset: int
    total: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column holds, computed on the stored artifact."""

    name: str
    type: str
    nulls: int
    distinct: int
    min: Json
    max: Json
    mean: float | None
    histogram: list[float]
    edges: list[Json]


@dataclass(frozen=True, slots=True)
class ChartInfo:
    """One of Mage's widgets: an entry of the pipeline's `widgets` and its charts/<id>.py."""

    id: str
    name: str
    kind: str
    """Mage's chart_type: bar chart, histogram, line chart, pie chart, table, time series …"""
    block: str
    """Whose output is drawn; "" when it has no data source."""
    configuration: dict[str, Json]
    code: str
    """Python that leaves the chart's values; "" when the configuration says all."""
    path: str
    version: str


@dataclass(frozen=True, slots=True)
class ChartChange:
    """What a chart shall be; None leaves as it is."""

    name: str | None = None
    block: str | None = None
    configuration: dict[str, Json] | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: list[Json]


@dataclass(frozen=True, slots=True)
class ChartData:
    """A chart's values, computed on the stored output."""

    kind: str
    x: list[Json]
    """Labels, edges (histogram: one more than bars), Unix seconds (time series) or headers."""
    series: list[Series]
    rows: list[list[Json]]
    """Tables only."""
    index: list[Json]
    """Tables only: a name beside each row, or none."""
    total: int
    """Rows of the stored output."""
    read: int
    """Rows that were looked at: fewer than `total` when only a part was."""
    note: str
    """What is not shown, in words."""


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


@dataclass(frozen=True, slots=True)
class LogLine:
    time: float
    severity: str
    block: str
    message: str


@dataclass(frozen=True, slots=True)
class ChangeInfo:
    """One line of a plan."""

    action: str
    key: str
    reason: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class PlanInfo:
    target: str
    changes: list[ChangeInfo]
    counts: dict[str, int]
    notes: list[str] = field(default_factory=list)
    left_out: dict[str, list[Problem]] = field(default_factory=dict)
    """Pipelines that cannot be deployed, and why; the plan is of the others."""


@dataclass(frozen=True, slots=True)
class RightInfo:
    """One role that the project needs in its target."""

    account: str
    purpose: str
    """What the account is for."""
    role: str
    on: str
    condition: str
    why: str


@dataclass(frozen=True, slots=True)
class DeploymentInfo:
    """One entry of the target's journal of deployments."""

    number: int
    began: str
    by: str
    commit: str
    purpose: str
    back_to: int
    changes: list[str]
    ended: bool
    """False while it goes on, and for ever when it was stopped or failed."""


@dataclass(frozen=True, slots=True)
class CostItem:
    title: str
    quantity: float
    unit: str
    free: float
    full: float
    """As if nothing were free."""
    pay: float


@dataclass(frozen=True, slots=True)
class CostInfo:
    """What a month on Google Cloud costs, estimated from past runs."""

    currency: str
    prices_of: str
    items: list[CostItem]
    runs: dict[str, float]
    """Pipeline → what one run costs beyond all free amounts."""
    full: float
    pay: float
    notes: list[str]


@dataclass(frozen=True, slots=True)
class BackfillSlot:
    """One interval of a backfill, and its run."""

    date: str
    state: str
    """WAITING when it was not started yet, else as Workflows says."""
    run: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table of the connected database, for the console."""

    schema: str
    name: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A function's process on this machine."""

    service: str
    pid: int
    requests: int
    """Being answered now."""
    memory: int


@dataclass(frozen=True, slots=True)
class BucketInfo:
    name: str
    created: float


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
class ObjectInfo:
    bucket: str
    name: str
    bytes: int
    updated: float


@dataclass(frozen=True, slots=True)
class DebugInfo:
    """Where a block waits for a debugger."""

    host: str
    port: int
    launch: str
    """launch.json for VS Code."""


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """A profile of io_config.yaml."""

    name: str
    path: str
    asks_for: list[str]
    """Names of settings; never a value."""


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """Whether one service of a profile answered."""

    service: str
    ok: bool
    said: str


@dataclass(frozen=True, slots=True)
class SecretInfo:
    """By name only."""

    name: str
    set: bool
    used_by: list[str]


@dataclass(frozen=True, slots=True)
class Event:
    """One item of the server-sent stream; `id` lets a browser resume."""

    id: int
    type: Literal["files_changed", "block_run", "run_changed", "log", "deploy", "toast", "ping"]
    data: dict[str, Json] = field(default_factory=dict)
