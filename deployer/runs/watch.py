"""Starting a run and watching it: what Workflows says of it, and what its blocks left.

A block is done when its manifest is in the bucket, so the rows, tests and seconds shown are
those that the block itself wrote. Only blocks whose upstream blocks are done are looked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from deployer.gcp.executions import SKIPPED, Execution
from deployer.model import Block, BlockId, Pipeline
from deployer.naming import step_name, workflow_id
from deployer.runs.failure import Failure, failure_of
from deployer.target import Polling
from runtime.contract import Manifest, Status, block_prefix

Json = Any
MOST_CHILDREN_A_LOOK = 50


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Workflows took the run."""

    run: str
    pipeline: str


@dataclass(frozen=True, slots=True)
class BlockStarted:
    """All that the block waits for is done."""

    block: BlockId


@dataclass(frozen=True, slots=True)
class BlockDone:
    """The block left a manifest, or each of its dynamic children did."""

    block: BlockId
    status: str
    seconds: float
    rows: int | None = None
    tests: int = 0
    children: int | None = None


@dataclass(frozen=True, slots=True)
class RunOver:
    """Nothing of the run goes on."""

    run: str
    state: str
    seconds: float
    failure: Failure | None = None
    result: str = ""
    skipped: str = ""
    """Why a run that ended well did nothing."""

    @property
    def worked(self) -> bool:
        return self.state in {"SUCCEEDED", SKIPPED}


Progress = RunStarted | BlockStarted | BlockDone | RunOver


class ReadsExecutions(Protocol):
    """What watching needs of the Executions API."""

    def start(self, workflow: str, argument: Mapping[str, Json]) -> Execution: ...

    def get(self, workflow: str, run: str) -> Execution: ...


class ReadsObjects(Protocol):
    """What watching needs of the bucket."""

    def read(self, name: str) -> bytes | None: ...


def argument(
    variables: Mapping[str, Json],
    trigger: str = "manual",
    again: str | None = None,
    only: Sequence[str] = (),
) -> dict[str, Json]:
    """What an execution is started with; `again` names an earlier run to go on with.

    `only` are services to call, in that order, instead of the whole pipeline.
    """
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    told: dict[str, Json] = {
        "variables": dict(variables),
        "trigger": {"name": trigger, "type": "api", "execution_date": now},
    }
    return told | ({"run": again} if again else {}) | ({"only": list(only)} if only else {})


@dataclass(slots=True)
class Watch:
    """One run being watched. `artifacts` is the run whose prefix it writes to."""

    project: str
    pipeline: Pipeline
    executions: ReadsExecutions
    objects: ReadsObjects
    run: str
    artifacts: str
    polling: Polling
    sleep: Callable[[float], None] = time.sleep
    done: dict[BlockId, BlockDone] = field(default_factory=dict)
    begun: set[BlockId] = field(default_factory=set)
    counts: dict[BlockId, int] = field(default_factory=dict)
    """Dynamic blocks: how many children each asked for."""
    children: dict[BlockId, dict[int, Manifest]] = field(default_factory=dict)
    passed: set[BlockId] = field(default_factory=set)
    """Blocks of which a dynamic child was passed over: nothing below them runs."""

    def events(self) -> Iterator[Progress]:
        """Until the run is over, whatever becomes of it."""
        yield RunStarted(self.run, self.pipeline.id)
        delay = self.polling.first
        while True:
            execution = self.executions.get(workflow_id(self.pipeline), self.run)
            news = list(self.news())
            yield from news
            if execution.over:
                yield from self.rest()
                yield self.verdict(execution)
                return
            delay = self.polling.first if news else min(delay * 1.3, self.polling.longest)
            self.sleep(delay)

    def news(self) -> Iterator[Progress]:
        """Blocks that have become done, and those that may begin because of it."""
        for block in self.pipeline.blocks:
            if block.id in self.done or not all(up in self.done for up in block.upstream):
                continue
            if block.id not in self.begun and not self.unmet(block):
                self.begun.add(block.id)
                yield BlockStarted(block.id)
            if found := self.look(block):
                self.done[block.id] = found
                yield found

    def rest(self) -> Iterator[Progress]:
        """At the end every block is looked for once, its upstream blocks done or not."""
        for block in self.pipeline.blocks:
            if block.id not in self.done and (found := self.look(block)):
                self.done[block.id] = found
                yield found

    def unmet(self, block: Block) -> bool:
        """A condition above was not met, so this block does not run either."""
        above = (self.done.get(up) for up in block.upstream)
        unmet = any(found and found.status == Status.CONDITION_FAILED for found in above)
        return unmet or not self.passed.isdisjoint(block.upstream)

    def look(self, block: Block) -> BlockDone | None:
        if self.unmet(block):
            return BlockDone(block.id, Status.CONDITION_FAILED, 0.0)
        if manifest := self.manifest(block, []):
            return self.one(block, manifest)
        count = self.expected(block)
        return None if count is None else self.many(block, count)

    def one(self, block: Block, manifest: Manifest) -> BlockDone:
        if manifest.count is not None:
            self.counts[block.id] = manifest.count
        return BlockDone(
            block.id,
            manifest.status,
            manifest.seconds,
            rows_of(manifest),
            passed(manifest),
        )

    def expected(self, block: Block) -> int | None:
        """Children of a dynamic block; None where it is not one such block that says so."""
        counts = [self.counts[up] for up in block.upstream if up in self.counts]
        return counts[0] if len(counts) == 1 else None

    def many(self, block: Block, count: int) -> BlockDone | None:
        seen = self.children.setdefault(block.id, {})
        missing = [index for index in range(count) if index not in seen]
        for index in missing[:MOST_CHILDREN_A_LOOK]:
            if manifest := self.manifest(block, [index]):
                seen[index] = manifest
        if len(seen) < count:
            return None
        self.counts.setdefault(block.id, count)
        ran = sum(m.status != Status.CONDITION_FAILED for m in seen.values())
        if ran < count:
            self.passed.add(block.id)
        if count and not ran:
            return BlockDone(block.id, Status.CONDITION_FAILED, 0.0)
        rows = [rows for m in seen.values() if (rows := rows_of(m)) is not None]
        seconds = max((m.seconds for m in seen.values()), default=0.0)
        tests = sum(passed(m) for m in seen.values())
        total = sum(rows) if rows else None
        return BlockDone(block.id, Status.DONE, seconds, total, tests, ran)

    def manifest(self, block: Block, index: list[int]) -> Manifest | None:
        prefix = block_prefix(self.project, self.pipeline.id, self.artifacts, block.id, index)
        content = self.objects.read(f"{prefix}manifest.json")
        return Manifest.from_json(json.loads(content)) if content else None

    def verdict(self, execution: Execution) -> RunOver:
        failure = None
        if execution.state != "SUCCEEDED":
            steps = {step_name(block.id): block.id for block in self.pipeline.blocks}
            failure = failure_of(execution.error, steps)
        return RunOver(
            self.run,
            execution.outcome,
            execution.duration,
            failure,
            execution.result,
            execution.skipped,
        )


def rows_of(manifest: Manifest) -> int | None:
    rows = [output["rows"] for output in manifest.outputs if output.get("rows") is not None]
    return sum(rows) if rows else None


def passed(manifest: Manifest) -> int:
    return sum(bool(test.get("passed")) for test in manifest.tests)
