"""Running one block, or it and what is above it, in the function that production uses.

The function is deployed when the file changed, what the block left in the notebook run before is
taken away, and the pipeline's own workflow is asked to call this block alone: functions are
reached from inside the project only. What the block leaves is an ordinary manifest, so a notebook
run is read like any run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployer.apply import Event
from deployer.errors import BlockliftError
from deployer.model import Block, Pipeline
from deployer.naming import function_id, workflow_id
from deployer.runs.failure import Failure as Report
from deployer.runs.failure import failure_of
from deployer.runs.watch import argument
from deployer.workspace import Workspace
from runtime.contract import block_prefix
from studio.server.deploying import said
from studio.server.errors import StudioError, missing
from studio.server.messages import BlockRun, Failure, RunInfo, RunState
from studio.server.runs import block_runs
from studio.server.session import Session
from studio.server.states import failure

NOTEBOOK = "studio"
"""Run id of everything that is run in place: one notebook per pipeline."""


class InPlace:
    """Blocks being run by hand, and how their last calls failed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], float] = {}
        self._stopped: set[tuple[str, str]] = set()
        """Of those running: asked to end, perhaps before they have begun."""
        self._together: dict[tuple[str, str], list[tuple[str, str]]] = {}
        """Of those running: which were asked for at once."""
        self._failed: dict[tuple[str, str], Failure] = {}
        self._runs: dict[tuple[str, str], str] = {}

    def start(self, pipeline: Pipeline, block: str, upstream: bool, variables: Any) -> None:
        """Run in the background; events tell how it goes."""
        wanted = [find(pipeline, block)]
        if upstream:
            wanted = [*above(pipeline, block), *wanted]
        with self._lock:
            busy = [item.id for item in wanted if (pipeline.id, item.id) in self._running]
            if busy:
                raise StudioError(409, f"{busy[0]} is running already")
            keys = [(str(pipeline.id), str(item.id)) for item in wanted]
            self._running.update(dict.fromkeys(keys, time.time()))
            self._together.update(dict.fromkeys(keys, keys))
        for item in wanted:
            self._tell(pipeline, item)
        work = (pipeline, wanted, variables)
        threading.Thread(target=self._work, args=work, daemon=True).start()

    def _work(self, pipeline: Pipeline, wanted: list[Block], variables: Any) -> None:
        try:
            workspace = self.session.workspace()
            self._deploy(workspace, pipeline)
            for block in wanted:
                if self._is_stopped(pipeline, wanted):
                    break
                if not self._run(workspace, pipeline, block, variables):
                    break
        except BlockliftError as error:
            self._blame(pipeline, wanted[-1], f"{error} {error.hint}".strip())
        except Exception:
            self._blame(pipeline, wanted[-1], "Studio failed; its terminal has the details.")
            raise
        finally:
            for block in wanted:
                self._running.pop((pipeline.id, block.id), None)
                self._stopped.discard((pipeline.id, block.id))
                self._tell(pipeline, block)

    def _is_stopped(self, pipeline: Pipeline, wanted: list[Block]) -> bool:
        return any((pipeline.id, block.id) in self._stopped for block in wanted)

    def _deploy(self, workspace: Workspace, pipeline: Pipeline) -> None:
        plan = workspace.plan({pipeline.id})
        if plan.writes:
            workspace.apply(plan, self._told).raise_for_failures()
            self.session.events.publish("deploy", done=True)

    def _told(self, event: Event) -> None:
        if text := said(event):
            self.session.events.publish("deploy", text=text)

    def _run(self, workspace: Workspace, pipeline: Pipeline, block: Block, variables: Any) -> bool:
        """One execution that calls this block alone; False when it failed."""
        self._running[pipeline.id, block.id] = time.time()
        self._failed.pop((pipeline.id, block.id), None)
        self._forget(workspace, pipeline, block)
        self._tell(pipeline, block)
        failed = self._ended(workspace, pipeline, block, variables)
        if failed:
            self._failed[pipeline.id, block.id] = failure(failed)
        self._running.pop((pipeline.id, block.id), None)
        self._runs.pop((pipeline.id, block.id), None)
        self._tell(pipeline, block)
        return failed is None

    def _ended(
        self, workspace: Workspace, pipeline: Pipeline, block: Block, variables: Any
    ) -> Report | None:
        """How the block failed, or None."""
        executions, name = workspace.clients.executions, workflow_id(pipeline)
        chosen = argument(variables, NOTEBOOK, NOTEBOOK, [function_id(pipeline, block)])
        execution = executions.start(name, chosen)
        self._runs[pipeline.id, block.id] = execution.id
        if self._is_stopped(pipeline, [block]):
            executions.cancel(name, execution.id)
        pause = workspace.target.polling.first
        while not execution.over:
            time.sleep(pause)
            pause = min(pause * 1.3, workspace.target.polling.longest)
            execution = executions.get(name, execution.id)
        if execution.state == "CANCELLED":
            return Report("before it had ended", type="Stopped")
        return None if execution.state == "SUCCEEDED" else failure_of(execution.error, {})

    def prepare(self, workspace: Workspace, pipeline: Pipeline, block: Block) -> None:
        """As before a run: deployed, and nothing left of the run before."""
        self._deploy(workspace, pipeline)
        self._failed.pop((pipeline.id, block.id), None)
        self._forget(workspace, pipeline, block)

    def stop(self, pipeline: Pipeline, block: str) -> None:
        """End a block that is running, with what was to run before or after it; one that waits
        for a deployment does not begin. What it already wrote elsewhere stays.
        """
        key = (pipeline.id, block)
        if key not in self._running:
            return
        self._stopped.add(key)
        for other in self._together[key]:
            if run := self._runs.get(other):
                self.session.workspace().clients.executions.cancel(workflow_id(pipeline), run)

    def _blame(self, pipeline: Pipeline, block: Block, text: str) -> None:
        self._failed[pipeline.id, block.id] = Failure("settings", "Deploy", text, "", 0, [])

    def _forget(self, workspace: Workspace, pipeline: Pipeline, block: Block) -> None:
        """A manifest is written once, so the last one has to go first."""
        prefix = block_prefix(workspace.project.name, pipeline.id, NOTEBOOK, block.id, [])
        workspace.clients.objects.remove(f"{prefix}manifest.json")

    def _tell(self, pipeline: Pipeline, block: Block) -> None:
        self.session.events.publish("block_run", pipeline=pipeline.id, block=block.id)

    def run_info(self, pipeline: Pipeline) -> RunInfo:
        """The notebook run: what each block left when it was last run here."""
        workspace = self.session.workspace()
        running = dict(self._running)  # before: a block that ends meanwhile is not shown as idle
        found = block_runs(workspace, pipeline, NOTEBOOK)
        blocks = [self._shown(pipeline, run, running) for run in found]
        busy = any(key[0] == pipeline.id for key in running)
        state: RunState = "active" if busy else "succeeded"
        started = min((b.started for b in blocks if b.started), default=0.0)
        return RunInfo(NOTEBOOK, pipeline.id, state, started, None, {}, blocks, "", [])

    def _shown(
        self, pipeline: Pipeline, found: BlockRun, running: Mapping[tuple[str, str], float]
    ) -> BlockRun:
        key = (str(pipeline.id), found.block)
        if key in running:
            return replace(found, state="running", started=running[key])
        if key in self._failed:
            return replace(found, state="failed", failure=self._failed[key])
        return found


def find(pipeline: Pipeline, block: str) -> Block:
    for item in pipeline.blocks:
        if item.id == block:
            return item
    raise missing(f"block {block}")


def above(pipeline: Pipeline, block: str) -> list[Block]:
    """All that the block waits for, in an order in which they can run."""
    blocks = {item.id: item for item in pipeline.blocks}
    order: list[Block] = []

    def visit(name: str) -> None:
        for up in blocks[name].upstream:  # type: ignore[index]  # ids are strings
            if up in blocks and blocks[up] not in order:
                visit(up)
                order.append(blocks[up])

    visit(block)
    return order
