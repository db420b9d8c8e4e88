"""Runs as the browser shows them: what Workflows says, and what each block left in the bucket."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from deployer.gcp.executions import Execution
from deployer.gcp.failures import Missing
from deployer.gcp.logs import Line
from deployer.model import Block, Pipeline
from deployer.naming import workflow_id
from deployer.runs.logs import wanted
from deployer.workspace import Workspace
from runtime.artifacts import picture_name
from runtime.contract import ArtifactRef, Manifest, block_prefix
from studio.server.errors import missing
from studio.server.messages import (
    BlockRun,
    LogLine,
    OutputInfo,
    RunInfo,
    RunSummary,
    TestInfo,
)
from studio.server.states import BLOCKS, report, run_state, skipped_because, with_states

PREVIEW_BYTES = 200_000
PICTURE_BYTES = 4_000_000
PICTURES = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
"""How files of these kinds begin; SVG is not among them, since it can hold script."""
SIDE_BY_SIDE = 8
MANY_BLOCKS = 20
BESIDE = 50
"""So many executions more are looked at, since some may be single blocks."""
MOST_OBJECTS = 5000
RUNS = "runs/"


def seconds_of(text: str) -> float | None:
    """Unix seconds of an RFC 3339 time with up to nine decimals."""
    if not text:
        return None
    whole, _, rest = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{(rest or '0')[:6]}+00:00").timestamp()


def summaries(workspace: Workspace, pipeline: Pipeline, most: int) -> list[RunSummary]:
    """Newest first; none when the pipeline was never deployed. Blocks that were run by themselves
    in the editor are no runs of the pipeline, and say nothing about its health.
    """
    found = workspace.runs_of(pipeline, most + BESIDE)
    whole = [execution for execution in found if not execution.argument.get("only")]
    return [summary(pipeline, execution) for execution in whole[:most]]


def all_summaries(
    workspace: Workspace, most: int, wanted: str = ""
) -> list[tuple[Pipeline, list[RunSummary]]]:
    """Of every pipeline or of one, asked side by side: each is one question to the target."""
    pipelines = [p for p in workspace.project.pipelines if wanted in ("", p.id)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(
            zip(
                pipelines, pool.map(lambda p: summaries(workspace, p, most), pipelines), strict=True
            )
        )


def summary(pipeline: Pipeline, execution: Execution) -> RunSummary:
    return RunSummary(
        id=execution.id,
        pipeline=pipeline.id,
        state=run_state(execution),
        started=seconds_of(execution.started) or 0.0,
        ended=seconds_of(execution.ended),
        trigger=str((execution.argument.get("trigger") or {}).get("name") or ""),
        error=str(report(pipeline, execution) or ""),
        note=skipped_because(execution),
    )


def run_info(workspace: Workspace, pipeline: Pipeline, run: str) -> RunInfo:
    """One run, whole; StudioError when Workflows knows no such run."""
    execution = workspace.clients.executions.find(workflow_id(pipeline), run)
    if execution is None:
        raise missing(f"run {run} of {pipeline.id}")
    artifacts = str(execution.argument.get("run") or run)
    shown = summary(pipeline, execution)
    return RunInfo(
        id=run,
        pipeline=pipeline.id,
        state=shown.state,
        started=shown.started,
        ended=shown.ended,
        variables=dict(execution.argument.get("variables") or {}),
        blocks=with_states(pipeline, block_runs(workspace, pipeline, artifacts), execution),
        error=shown.error,
        current_steps=list(execution.steps),
        note=shown.note,
    )


def block_runs(workspace: Workspace, pipeline: Pipeline, run: str) -> list[BlockRun]:
    """Of every block, in the pipeline's order; manifests are read side by side."""
    left = with_manifests(workspace, pipeline, run)

    def read(block: Block) -> BlockRun:
        if left is not None and manifest_name(workspace, pipeline, block.id, run) not in left:
            return pending(block)
        return block_run(workspace, pipeline, block, run)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(read, pipeline.blocks))


def with_manifests(workspace: Workspace, pipeline: Pipeline, run: str) -> set[str] | None:
    """Names of all objects of a run: of many blocks one list is cheaper than many questions.

    None when it is not known: few blocks, or more objects than one list holds.
    """
    if len(pipeline.blocks) <= MANY_BLOCKS:
        return None
    prefix = f"{RUNS}{workspace.project.name}/{pipeline.id}/{run}/"
    try:
        found = list(workspace.clients.objects.list(workspace.target.bucket, prefix, MOST_OBJECTS))
    except Missing:  # the bucket: nothing was deployed yet
        return set()
    return {item["name"] for item in found} if len(found) < MOST_OBJECTS else None


def block_run(workspace: Workspace, pipeline: Pipeline, block: Block, run: str) -> BlockRun:
    """What the block left behind in this run; `pending` when nothing."""
    manifest = manifest_of(workspace, pipeline, block.id, run)
    if manifest is None:
        return pending(block)
    return of_manifest(workspace, block.id, manifest)


def pending(block: Block) -> BlockRun:
    return BlockRun(block.id, "pending", None, None, None, [], [], None)


def manifest_name(workspace: Workspace, pipeline: Pipeline, block: str, run: str) -> str:
    return block_prefix(workspace.project.name, pipeline.id, run, block, []) + "manifest.json"


def manifest_of(workspace: Workspace, pipeline: Pipeline, block: str, run: str) -> Manifest | None:
    data = workspace.clients.objects.read(manifest_name(workspace, pipeline, block, run))
    return Manifest.from_json(json.loads(data)) if data else None


def of_manifest(workspace: Workspace, block: str, manifest: Manifest) -> BlockRun:
    outputs = [ArtifactRef.from_json(item) for item in manifest.outputs]
    return BlockRun(
        block=block,
        state=BLOCKS.get(manifest.status, "done"),
        started=manifest.started or None,
        seconds=manifest.seconds,
        peak_bytes=manifest.peak_bytes or None,
        outputs=[output(workspace, number, ref) for number, ref in enumerate(outputs)],
        tests=[
            TestInfo(t["name"], bool(t["passed"]), t.get("message", "")) for t in manifest.tests
        ],
        failure=None,
        attempt=manifest.tries,
    )


def output(workspace: Workspace, number: int, ref: ArtifactRef) -> OutputInfo:
    preview = None if ref.rows is not None else value_of(workspace, ref)
    return OutputInfo(number, ref.format, ref.rows, ref.bytes, preview)


def value_of(workspace: Workspace, ref: ArtifactRef) -> Any:
    """A value that is no table: JSON and text are shown, anything else is only named."""
    if 0 < int(ref.meta.get("picture", 0)) <= PICTURE_BYTES:
        return picture(workspace.clients.objects.read(picture_name(object_name(ref))) or b"")
    if ref.format == "bytes" and ref.bytes <= PICTURE_BYTES:
        return picture(workspace.clients.objects.read(object_name(ref)) or b"")
    if ref.format not in {"json", "text"} or ref.bytes > PREVIEW_BYTES:
        return f"{ref.format}, {ref.bytes:,} bytes"
    data = workspace.clients.objects.read(object_name(ref)) or b""
    return json.loads(data) if ref.format == "json" and data else data.decode(errors="replace")


def picture(data: bytes) -> str:
    """A picture that the page can show, such as matplotlib's savefig writes; else its size."""
    for start, kind in PICTURES.items():
        if data.startswith(start):
            return f"data:image/{kind};base64,{b64encode(data).decode()}"
    return f"bytes, {len(data):,} bytes"


def object_name(ref: ArtifactRef) -> str:
    """The object of gs://<bucket>/<object>."""
    return ref.uri.removeprefix("gs://").partition("/")[2]


def log_lines(lines: Iterable[Line]) -> list[LogLine]:
    return [
        LogLine(seconds_of(line.time) or 0.0, line.severity, line.block, line.message)
        for line in lines
    ]


def logs(workspace: Workspace, run: str, block: str) -> list[LogLine]:
    return log_lines(workspace.clients.logs.read(wanted(run, block)))
