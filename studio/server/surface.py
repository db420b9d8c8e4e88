"""The parts behind the routes, and what a route asks of several of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deployer import local
from deployer.model import Pipeline
from deployer.naming import workflow_id
from runtime.contract import ArtifactRef
from studio.server.asking import Ask
from studio.server.backfilling import Backfilling
from studio.server.compare import compared
from studio.server.connections import Connections
from studio.server.console import Console
from studio.server.costing import cost
from studio.server.debugging import Debugging
from studio.server.deploying import Deploying
from studio.server.errors import StudioError, missing
from studio.server.inplace import NOTEBOOK, InPlace
from studio.server.messages import (
    BackfillSlot,
    ChartData,
    ChartInfo,
    Column,
    Comparison,
    CostInfo,
    DebugInfo,
    Page,
    RunInfo,
    StepInfo,
)
from studio.server.pipelines import Pipelines
from studio.server.runs import all_summaries, logs, manifest_of, run_info
from studio.server.session import Session
from studio.server.steps import steps
from studio.server.tables import Tables
from studio.server.warehouse import Warehouse
from studio.server.widgets import Widgets


class Surface:
    """The parts behind the routes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.pipelines = Pipelines(session)
        self.inplace = InPlace(session)
        self.debugging = Debugging(session, self.inplace)
        self.deploying = Deploying(session)
        self.backfilling = Backfilling(session)
        self.connections = Connections(session)
        self.console = Console(session)
        self.warehouse = Warehouse(session)
        self.widgets = Widgets(session.editor)
        self.tables = Tables(self.read_object, local.home(session.root) / "tables")

    def read_object(self, name: str) -> bytes | None:
        return self.session.workspace().clients.objects.read(name)

    def run(self, ask: Ask) -> RunInfo:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        if ask.path["run"] == NOTEBOOK:
            return self.inplace.run_info(pipeline)
        return run_info(self.session.workspace(), pipeline, ask.path["run"])

    def runs(self, ask: Ask) -> list[Any]:
        workspace = self.session.workspace()
        wanted, state = ask.query.get("pipeline", ""), ask.query.get("state", "")
        most = min(ask.number("limit", 100), 500)
        found = [
            run
            for _, runs in all_summaries(workspace, most, wanted)
            for run in runs
            if state in ("", run.state)
        ]
        return sorted(found, key=lambda run: run.started, reverse=True)[:most]

    def start_run(self, ask: Ask) -> dict[str, str]:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        note = self.deploying.deploy_if_needed(pipeline)
        watch = self.session.workspace().start(pipeline, ask.json().get("variables") or {})
        self.session.events.publish("run_changed", pipeline=pipeline.id, run=watch.run)
        return {"run": watch.run, "note": note}

    def run_block(self, ask: Ask) -> dict[str, str]:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        body = ask.json()
        block, upstream = ask.path["block"], bool(body.get("upstream"))
        self.inplace.start(pipeline, block, upstream, body.get("variables") or {})
        return {"run": NOTEBOOK}

    def debug_block(self, ask: Ask) -> DebugInfo:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        return self.debugging.start(pipeline, ask.path["block"], ask.json().get("variables") or {})

    def stop_block(self, ask: Ask) -> None:
        self.inplace.stop(self.session.pipeline(ask.path["pipeline"]), ask.path["block"])

    def retry(self, ask: Ask) -> dict[str, str]:
        note = self.deploying.deploy_if_needed(self.session.pipeline(ask.path["pipeline"]))
        workspace = self.session.workspace()
        pipeline, execution = workspace.execution(ask.path["run"])
        again = str(execution.argument.get("run") or execution.id)
        variables = execution.argument.get("variables") or {}
        return {"run": workspace.start(pipeline, variables, again=again).run, "note": note}

    def cancel(self, ask: Ask) -> dict[str, str]:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        executions = self.session.workspace().clients.executions
        executions.cancel(workflow_id(pipeline), ask.path["run"])
        return {"run": ask.path["run"]}

    def artifact(self, ask: Ask) -> ArtifactRef:
        path = ask.path
        pipeline = self.session.pipeline(path["pipeline"])
        return self.table(pipeline, path["run"], path["block"], int(path["number"]))

    def table(self, pipeline: Pipeline, run: str, block: str, number: int) -> ArtifactRef:
        """A table that a block left in a run."""
        found = manifest_of(self.session.workspace(), pipeline, block, self.artifacts(run))
        if found is None or number >= len(found.outputs):
            raise missing("such output")
        ref = ArtifactRef.from_json(found.outputs[number])
        if ref.rows is None:
            raise StudioError(400, "This output is no table")
        return ref

    def chart(self, ask: Ask) -> ChartData:
        """A chart's values, from what its block left in the notebook run or in another one."""
        pipeline = self.session.pipeline(ask.path["pipeline"])
        chart = self.widgets.one(pipeline.id, ask.path["chart"])
        run = ask.query.get("run", NOTEBOOK)
        found = manifest_of(self.session.workspace(), pipeline, chart.block, run)
        tables = [
            ref
            for ref in map(ArtifactRef.from_json, found.outputs if found else [])
            if ref.rows is not None
        ]
        if not tables:
            hint = "Run that block first." if chart.block else "Edit the chart and choose a block."
            raise StudioError(404, f"{chart.block or 'This chart'} has left no table to draw", hint)
        return self.tables.chart(tables[0], chart, self.session.root)

    def artifacts(self, run: str) -> str:
        """The run whose prefix a run writes to: a retried run goes on in the earlier one's."""
        if run == NOTEBOOK:
            return NOTEBOOK
        _, execution = self.session.workspace().execution(run)
        return str(execution.argument.get("run") or execution.id)

    def page(self, ask: Ask) -> Page:
        offset, limit = ask.number("offset", 0), ask.number("limit", 200)
        return self.tables.page(self.artifact(ask), offset, limit)

    def backfill(self, ask: Ask) -> None:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        self.backfilling.start(pipeline, ask.json(), self.deploying.deploy_if_needed)

    def backfill_states(self, ask: Ask) -> list[BackfillSlot]:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        return self.backfilling.states(pipeline, dict(ask.query))

    def cost(self, ask: Ask) -> CostInfo:
        text = ask.query.get("runs_per_day", "")
        try:
            wanted = float(text) if text else None
        except ValueError:
            raise StudioError(400, "Runs per day is a number") from None
        return cost(self.session.workspace(), wanted)

    def steps(self, ask: Ask) -> list[StepInfo]:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        return steps(self.session.workspace(), pipeline, ask.path["run"])

    def compare(self, ask: Ask) -> Comparison:
        """Run `before` and run `after` of one pipeline."""
        workspace, pipeline = self.session.workspace(), self.session.pipeline(ask.path["pipeline"])
        names = ask.query.get("before", ""), ask.query.get("after", "")
        before, after = (run_info(workspace, pipeline, name) for name in names)

        def columns(run: str, block: str, number: int) -> list[Column]:
            return self.tables.columns(self.table(pipeline, run, block, number))

        return compared(before, after, columns)

    def change_charts(self, ask: Ask, verb: Callable[..., None], *given: Any) -> list[ChartInfo]:
        """Do it, and answer with what is there now."""
        name = self.session.pipeline(ask.path["pipeline"]).id
        verb(name, *given)
        self.session.changed(f"pipelines/{name}/metadata.yaml")
        return self.widgets.all(name)

    def read_logs(self, ask: Ask) -> Any:
        return logs(
            self.session.workspace(), self.artifacts(ask.path["run"]), ask.query.get("block", "")
        )

    def objects(self, ask: Ask) -> Any:
        return self.console.objects(ask.query.get("bucket", ""), ask.query.get("prefix", ""))

    def save(self, ask: Ask) -> Any:
        body = ask.json()
        text, version = body.get("text"), body.get("version")
        if not isinstance(text, str) or not isinstance(version, str):
            raise StudioError(400, "A save needs text and version")
        return self.pipelines.save(ask.path["path"], text, version)
