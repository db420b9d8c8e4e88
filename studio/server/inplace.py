"""Running one block, or it and what is above it, in the function that production uses.

The function is deployed when the file changed, what the block left in the notebook run before is
taken away, and the function is called with the same request that a workflow sends. What it
answers is an ordinary manifest, so a notebook run is read like any run.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deployer.errors import BlockliftError
from deployer.failure import from_report
from deployer.model import Block, Pipeline
from deployer.naming import account_id, function_id
from deployer.workspace import Workspace
from runtime.contract import BlockFailure, BlockRequest, block_prefix
from studio.server.errors import StudioError, missing
from studio.server.messages import BlockRun, Failure, RunInfo, RunState
from studio.server.runs import block_run, failure
from studio.server.session import Session

NOTEBOOK = "studio"
"""Run id of everything that is run in place: one notebook per pipeline."""
PATIENCE = 1800.0


class InPlace:
    """Blocks being run by hand, and how their last calls failed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], float] = {}
        self._failed: dict[tuple[str, str], Failure] = {}

    def start(self, pipeline: Pipeline, block: str, upstream: bool, variables: Any) -> None:
        """Run in the background; events tell how it goes."""
        wanted = [find(pipeline, block)]
        if upstream:
            wanted = [*above(pipeline, block), *wanted]
        with self._lock:
            busy = [item.id for item in wanted if (pipeline.id, item.id) in self._running]
            if busy:
                raise StudioError(409, f"{busy[0]} is running already")
            self._running.update({(pipeline.id, item.id): time.time() for item in wanted})
        work = (pipeline, wanted, variables)
        threading.Thread(target=self._work, args=work, daemon=True).start()

    def _work(self, pipeline: Pipeline, wanted: list[Block], variables: Any) -> None:
        try:
            workspace = self.session.workspace()
            self._deploy(workspace, pipeline)
            for block in wanted:
                if not self._run(workspace, pipeline, block, variables):
                    break
        except BlockliftError as error:
            self._blame(pipeline, wanted[-1], error)
        finally:
            for block in wanted:
                self._running.pop((pipeline.id, block.id), None)
                self._tell(pipeline, block)

    def _deploy(self, workspace: Workspace, pipeline: Pipeline) -> None:
        plan = workspace.plan().only({pipeline.id})
        if plan.writes:
            workspace.apply(plan, lambda event: None).raise_for_failures()
            self.session.events.publish("deploy", done=True)

    def _run(self, workspace: Workspace, pipeline: Pipeline, block: Block, variables: Any) -> bool:
        """One call; False when the block failed."""
        self._running[pipeline.id, block.id] = time.time()
        self._failed.pop((pipeline.id, block.id), None)
        self._forget(workspace, pipeline, block)
        self._tell(pipeline, block)
        answer = call(workspace, pipeline, block, variables)
        if "error" in answer:
            report = BlockFailure.from_json(answer["error"])
            self._failed[pipeline.id, block.id] = failure(from_report(report))
        self._running.pop((pipeline.id, block.id), None)
        self._tell(pipeline, block)
        return "error" not in answer

    def _blame(self, pipeline: Pipeline, block: Block, error: BlockliftError) -> None:
        text = f"{error} {error.hint}".strip()
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
        blocks = [self._shown(workspace, pipeline, block) for block in pipeline.blocks]
        running = any(key[0] == pipeline.id for key in self._running)
        state: RunState = "active" if running else "succeeded"
        started = min((b.started for b in blocks if b.started), default=0.0)
        return RunInfo(NOTEBOOK, pipeline.id, state, started, None, {}, blocks, "", [])

    def _shown(self, workspace: Workspace, pipeline: Pipeline, block: Block) -> BlockRun:
        found = block_run(workspace, pipeline, block, NOTEBOOK)
        key = (pipeline.id, block.id)
        if key in self._running:
            return replace(found, state="running", started=self._running[key])
        if key in self._failed:
            return replace(found, state="failed", failure=self._failed[key])
        return found


def call(
    workspace: Workspace, pipeline: Pipeline, block: Block, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """POST to the block's function as its workflow would."""
    service = function_id(pipeline, block)
    request = BlockRequest(
        run=NOTEBOOK,
        bucket=workspace.target.bucket,
        variables=dict(variables),
        trigger={"name": NOTEBOOK, "type": "api"},
    )
    email = workspace.target.email(account_id(pipeline.id, "wf"))
    url = workspace.target.reach(service, workspace.number)
    audience = workspace.target.url(service, workspace.number)
    code, body = workspace.clients.services.post(url, audience, email, request.to_json(), PATIENCE)
    return understood(code, body, block)


def understood(code: int, body: bytes, block: Block) -> dict[str, Any]:
    """The function's JSON; whatever else answered becomes a failure with its words."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and (code < 400 or isinstance(answer.get("error"), dict)):
        return answer
    text = body.decode(errors="replace").strip()[:1000] or f"HTTP {code}"
    report = BlockFailure(block.id, "internal", f"HTTP {code}", text)
    return {"error": report.to_json()}


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
