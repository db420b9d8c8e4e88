"""What a project's runs used: durations and sizes that its blocks left in their manifests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from croniter import croniter

from deployer.desire import blocks_of
from deployer.model import Block, Pipeline
from deployer.options import options
from deployer.resources import Schedule, Workflow
from deployer.runs.billable import billable_steps
from deployer.runs.cost import DAYS, BlockUse, PipelineUse
from deployer.triggers.schedules import regular
from runtime.contract import Manifest, block_prefix

if TYPE_CHECKING:
    from deployer.workspace import Workspace

Json = Any
LOOKED_AT = 5
"""Past runs, the newest that succeeded."""
MONTH = DAYS * 86_400
ANY_MONTH = datetime(2024, 6, 1)


@dataclass(frozen=True, slots=True)
class Usage:
    """Looks into one workspace's past."""

    workspace: Workspace

    def pipelines(self, runs_a_day: float | None) -> Iterator[PipelineUse]:
        """`runs_a_day` for every pipeline; None: as often as their schedules say."""
        resources = self.workspace.desired.resources
        sources = {r.pipeline: r.source for r in resources if isinstance(r, Workflow)}
        for pipeline in self.workspace.project.pipelines:
            if pipeline.id not in sources:
                continue
            schedules = [
                r for r in resources
                if isinstance(r, Schedule) and r.title.startswith(f"{pipeline.id}/")
            ]  # fmt: skip
            monthly = sum(ticks(s.cron) for s in schedules if not s.paused)
            runs = self.past(pipeline)
            yield PipelineUse(
                name=str(pipeline.id),
                blocks=tuple(self.block(pipeline, b, runs) for b in blocks_of(pipeline)),
                runs=monthly if runs_a_day is None else runs_a_day * DAYS,
                steps=billable_steps(sources[pipeline.id]),
                schedules=len(schedules),
                measured=len(runs),
            )

    def past(self, pipeline: Pipeline) -> list[str]:
        """Ids under which the blocks of the newest good runs left their manifests."""
        found = self.workspace.runs_of(pipeline, LOOKED_AT * 4)
        good = (e for e in found if e.outcome == "SUCCEEDED" and "only" not in e.argument)
        return [str(e.argument.get("run") or e.id) for e in islice(good, LOOKED_AT)]

    def block(self, pipeline: Pipeline, block: Block, runs: Sequence[str]) -> BlockUse:
        wishes = options(self.workspace.project, pipeline, block)
        found = [m for run in runs if (m := self.manifest(pipeline, block, run))]
        if not found:
            return BlockUse(block.id, wishes)
        stored = [sum(int(out.get("bytes") or 0) for out in m.outputs) for m in found]
        seconds = [m.seconds for m in found]
        return BlockUse(block.id, wishes, sum(seconds) / len(seconds), sum(stored) / len(stored))

    def manifest(self, pipeline: Pipeline, block: Block, run: str) -> Manifest | None:
        name = block_prefix(self.workspace.project.name, pipeline.id, run, block.id, [])
        content = self.workspace.clients.objects.read(f"{name}manifest.json")
        return Manifest.from_json(json.loads(content)) if content else None


def ticks(schedule: str) -> float:
    """Of a cron in a month of 30 days."""
    if found := regular(schedule):
        return MONTH / found[0]
    times = croniter(schedule, ANY_MONTH, ret_type=float)
    end = ANY_MONTH.timestamp() + MONTH
    return sum(1 for _ in iter(lambda: times.get_next() < end, False))
