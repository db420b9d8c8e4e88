"""How each block of a run stands: what it left behind, what the workflow said, what follows.

A block whose condition was not met is skipped, and so is everything below it (Mage: "Conditional
blocks"). Of several blocks that failed side by side each is shown with its own failure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from deployer.gcp.executions import Execution
from deployer.model import Pipeline
from deployer.naming import step_name
from deployer.runs.failure import Failure as Report
from deployer.runs.failure import decoded, failure_of, reports
from runtime.contract import BlockFailure, Status
from studio.server.messages import BlockRun, BlockState, Failure, RunState

RUNS: Mapping[str, RunState] = {
    "ACTIVE": "active",
    "QUEUED": "queued",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
}
BLOCKS: Mapping[str, BlockState] = {
    Status.DONE: "done",
    Status.WAITING: "waiting",
    Status.CONDITION_FAILED: "skipped",
}
"""A manifest's status → how the block stands."""


def run_state(execution: Execution) -> RunState:
    if skipped_because(execution):
        return "skipped"
    return RUNS.get(execution.state, "failed")


def skipped_because(execution: Execution) -> str:
    """Why the workflow began no block; empty when it did."""
    if execution.state != "SUCCEEDED" or "skipped" not in execution.result:
        return ""
    result = json.loads(execution.result)
    return str(result.get("skipped") or "") if isinstance(result, dict) else ""


def report(pipeline: Pipeline, execution: Execution) -> Report | None:
    """What a person must see first of a failed run."""
    if execution.state != "FAILED":
        return None
    steps = {step_name(block.id): block.id for block in pipeline.blocks}
    return failure_of(execution.error, steps)


def with_states(pipeline: Pipeline, blocks: list[BlockRun], execution: Execution) -> list[BlockRun]:
    """Blocks without a manifest are running, failed, passed over, or have not begun."""
    standing = Standing.of(pipeline, blocks, execution)
    return [standing.shown(block) for block in blocks]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a run beside its manifests."""

    failed: Mapping[str, BlockRun]
    """Blocks that failed, as far as the execution's error tells."""
    below_failed: frozenset[str]
    below_skipped: frozenset[str]
    current: frozenset[str]
    """Steps that it is in."""
    over: bool

    @classmethod
    def of(cls, pipeline: Pipeline, blocks: list[BlockRun], execution: Execution) -> Standing:
        left = {block.block for block in blocks if block.state != "pending"}
        found = failed_blocks(pipeline, execution)
        failed = {name: run for name, run in found.items() if name not in left}
        skipped = [block.block for block in blocks if block.state == "skipped"]
        return cls(
            failed,
            below(pipeline, failed),
            below(pipeline, skipped),
            frozenset() if execution.over else frozenset(execution.steps),
            execution.over,
        )

    def shown(self, block: BlockRun) -> BlockRun:
        if block.state != "pending":
            return block
        return self.failed.get(block.block) or replace(block, state=self.state(block.block))

    def state(self, name: str) -> BlockState:
        if step_name(name) in self.current:
            return "running"
        if name in self.below_failed:
            return "upstream_failed"
        if name in self.below_skipped:
            return "skipped"
        return "not_run" if self.over else "pending"


def failed_blocks(pipeline: Pipeline, execution: Execution) -> dict[str, BlockRun]:
    """Each block that reported its failure, and the one at whose step the run ended."""
    first = report(pipeline, execution)
    if first is None:
        return {}
    found = {first.block: failed_run(first.block, failure(first))} if first.block else {}
    for told in reports(decoded(execution.error.get("payload"))):
        said = BlockFailure.from_json(told)
        found[said.block] = failed_run(said.block, failure_said(said), said.attempt)
    return found


def failed_run(block: str, why: Failure, attempt: int = 1) -> BlockRun:
    return BlockRun(block, "failed", None, None, None, [], [], why, attempt)


def failure_said(said: BlockFailure) -> Failure:
    frames = list(said.traceback)
    return Failure(said.kind, said.type, said.message, said.file, said.line, frames)


def failure(failed: Report) -> Failure:
    return Failure(
        kind="test" if failed.type == "AssertionError" else "exception",
        type=failed.type,
        message=failed.message,
        file=failed.file,
        line=failed.line,
        traceback=list(failed.traceback),
    )


def below(pipeline: Pipeline, blocks: Iterable[str]) -> frozenset[str]:
    """Everything that waits for one of the blocks, directly or not."""
    found: set[str] = set()
    fresh = set(blocks)
    while fresh:
        fresh = {str(b.id) for b in pipeline.blocks if fresh & set(b.upstream)} - found
        found |= fresh
    return frozenset(found)
