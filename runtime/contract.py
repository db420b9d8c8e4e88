"""The JSON that workflow, function and deployer speak to each other.

Static facts of a block (`BlockSpec`) are written into its bundle as `block.json`; what
changes from run to run travels in a `BlockRequest`; the function answers a `BlockResponse`
with references and counts only, since a workflow's variables hold 512 KB in all
(Google: "Workflows quotas and limits"). What a block left behind is a `Manifest`, written
last and once, beside its artifacts:

gs://<bucket>/runs/<project>/<pipeline>/<run>/<block>[/<index>]/manifest.json
gs://<bucket>/runs/<project>/<pipeline>/<run>/<block>[/<index>]/<attempt>/output_<n>.<ext>
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from runtime.record import field, fields, record

Json = Any
"""A value that json.dumps takes: None, bool, int, float, str, list, dict with string keys."""


class Status(StrEnum):
    """How one call of a block function ended; failures are HTTP 500 with a `BlockFailure`."""

    DONE = "done"
    CONDITION_FAILED = "condition_failed"
    WAITING = "waiting"


class FailureKind(StrEnum):
    """Who or what failed: the block's code, one of its tests, its inputs, its settings, or us."""

    EXCEPTION = "exception"
    TEST = "test"
    INPUT = "input"
    SETTINGS = "settings"
    TIMEOUT = "timeout"
    INTERNAL = "internal"


@record
class Message:
    """Anything that crosses the wire: a frozen record that is JSON both ways."""

    def to_json(self) -> dict[str, Json]:
        return {name: getattr(self, name) for name in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Self:
        """Read what `to_json` wrote; unknown keys are ignored, so old and new can talk."""
        return cls(**{name: data[name] for name in fields(cls) if name in data})


@record
class BlockSpec(Message):
    """What is known of a block when its bundle is made (`block.json`)."""

    project: str
    """Folder name of the Mage project: the name its own code imports it by."""
    pipeline: str
    block: str
    """uuid; may contain `/`."""
    type: str
    language: str
    path: str
    """Block file inside the bundle, relative to the project folder."""
    upstream: list[str] = field(default_factory=list)
    """Upstream uuids in argument order."""
    configuration: dict[str, Json] = field(default_factory=dict)
    variables: dict[str, Json] = field(default_factory=dict)
    """The pipeline's own variables: the lowest precedence."""
    dynamic: bool = False
    """The block's outputs are items and metadata for dynamic children."""
    upstream_modes: dict[str, str] = field(default_factory=dict)
    """upstream uuid -> "whole" (default), "item" (dynamic child takes one item), "nested" (the
    same, of a dynamic block that itself ran once per item), "paired" (child of a dynamic child),
    "reduced" (all children's outputs as one list), "skip" (sensor)."""
    sources: list[str] = field(default_factory=list)
    """The dynamic blocks whose items number this block's calls; the last one's change fastest."""
    upstream_sources: dict[str, list[str]] = field(default_factory=dict)
    """The same of upstream blocks that have any."""
    upstream_specs: dict[str, dict[str, Json]] = field(default_factory=dict)
    """upstream uuid -> {type, language, configuration}: what SQL blocks must know of them; of
    a raw SQL block also {content, upstream, upstream_specs}, since its text may be inlined."""
    parent: str | None = None
    """The block that a callback or conditional is attached to."""
    retry: dict[str, Json] = field(default_factory=dict)
    timeout: float | None = None
    """Seconds."""
    in_warehouse: bool = False
    """SQL: every downstream block reads this block's table where it lies, so that no result
    is fetched and stored."""
    workflows: dict[str, str] = field(default_factory=dict)
    """pipeline uuid -> id of its workflow: for blocks that start or watch pipelines."""
    global_variables: bool = False
    """Code of this project calls `set_global_variable`: what it set is read from the bucket."""
    pipeline_variables: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Other pipelines whose variables the block reads -> what their metadata says."""
    product: dict[str, Json] = field(default_factory=dict)
    """Of a global data product: {uuid, pipeline, blocks, outdated_after, …}."""
    checks: list[dict[str, str]] = field(default_factory=list)
    """Extension blocks that look at this one's output: {block, path}."""
    dbt: dict[str, Json] = field(default_factory=dict)
    """Of a dbt block: {folder, profiles: paths inside the project, returns: somebody below wants
    the model's rows}."""


@record
class BlockRequest(Message):
    """One call of a block function."""

    run: str
    """The execution's id."""
    bucket: str
    variables: dict[str, Json] = field(default_factory=dict)
    """Trigger and run variables, already merged: they win over the pipeline's."""
    trigger: dict[str, Json] = field(default_factory=dict)
    """name, type, execution_date (RFC 3339), interval_* , event: what Mage adds to kwargs."""
    attempt: int = 1
    index: list[int] = field(default_factory=list)
    """Dynamic child: its place, one number per level; empty for an ordinary block."""
    counts: list[int] = field(default_factory=list)
    """Dynamic child of several sources: how many items each has."""
    deadline: float | None = None
    """Unix seconds by which the run must have ended (Mage: a trigger's timeout)."""
    outcome: str | None = None
    """Callbacks only: "success" or "failure" of the parent."""
    error: dict[str, Json] | None = None
    """Callbacks only: the parent's BlockFailure."""
    traceparent: str | None = None
    """The trace that the run belongs to, if who started it said so (W3C: Trace Context)."""
    ended: dict[str, Json] | None = None
    """Traced runs only: nothing is to be run, the run is over: {began: Unix seconds, error}."""


@record
class ArtifactRef(Message):
    """One stored output. Small enough to travel, enough to read it back."""

    uri: str
    format: str
    """parquet, json, text, pickle, …: a name that `codecs` knows."""
    bytes: int
    rows: int | None = None
    """Of a table; None for anything else."""
    meta: dict[str, Json] = field(default_factory=dict)
    """What the codec needs beside the bytes to give the same value back."""


@record
class TestResult(Message):
    """One `@test` function of a block."""

    name: str
    passed: bool
    message: str = ""


@record
class Manifest(Message):
    """What a block left behind; published once with a create-only precondition."""

    block: str
    attempt: str
    """Random id of the winning call; also the folder of its artifacts."""
    outputs: list[dict[str, Json]]
    """ArtifactRef of output_0 … output_n-1; one ref whose `meta` has `spread: n` stands for n
    small JSON outputs in one artifact (a JSON list)."""
    status: str = Status.DONE
    tests: list[dict[str, Json]] = field(default_factory=list)
    count: int | None = None
    """Dynamic blocks: how many children to spawn."""
    started: float = 0.0
    """Unix seconds."""
    seconds: float = 0.0
    peak_bytes: int = 0
    tries: int = 1
    """Calls that it took, the failed ones of this run included."""


@record
class BlockResponse(Message):
    """HTTP 200 of a block function."""

    status: str
    outputs: int = 0
    rows: int | None = None
    """Sum over outputs that are tables."""
    count: int | None = None
    """Dynamic blocks: how many children the workflow shall call."""
    tests: int = 0
    """Passed tests."""
    seconds: float = 0.0


@record
class BlockFailure(Message):
    """HTTP 500 of a block function, under the key `error`: what a person sees first."""

    block: str
    kind: str
    type: str
    """Class of the exception, e.g. "AssertionError"."""
    message: str
    file: str = ""
    line: int = 0
    traceback: list[str] = field(default_factory=list)
    """The frames of the user's own code, innermost last, at most 20 lines."""
    pipeline: str = ""
    attempt: int = 1


def run_prefix(project: str, pipeline: str, run: str) -> str:
    """Object-name prefix of everything that one run stores."""
    return f"runs/{project}/{pipeline}/{run}/"


def block_prefix(project: str, pipeline: str, run: str, block: str, index: list[int]) -> str:
    """Object-name prefix of one block's outputs; `/` inside a uuid stays a folder."""
    place = "".join(f"{i}/" for i in index)
    return f"{run_prefix(project, pipeline, run)}{block}/{place}"
