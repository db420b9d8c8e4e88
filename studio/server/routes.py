"""The whole surface of Studio in one list, and each route's few lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from deployer import local
from deployer.naming import workflow_id
from runtime.contract import ArtifactRef
from studio.server.console import Console
from studio.server.deploying import Deploying
from studio.server.errors import StudioError, missing
from studio.server.events import encoded
from studio.server.forwarding import forward
from studio.server.inplace import NOTEBOOK, InPlace
from studio.server.messages import BlockChange, NewBlock, Page, RunInfo, TriggerChange
from studio.server.pipelines import Pipelines
from studio.server.runs import all_summaries, logs, manifest_of, run_info
from studio.server.session import Session
from studio.server.tables import Tables
from studio.server.templates import templates
from studio.server.views import plain

Handler = Callable[["Ask"], Any]
T = TypeVar("T")


class Ask:
    """One request: path, query and body, already read."""

    def __init__(self, request: Request, body: bytes) -> None:
        self.path = request.path_params
        self.query = request.query_params
        self._body = body

    def json(self) -> dict[str, Any]:
        try:
            data = json.loads(self._body or b"{}")
        except ValueError:
            raise StudioError(400, "The body is not JSON") from None
        if not isinstance(data, dict):
            raise StudioError(400, "The body is not a JSON object")
        return data

    def record(self, of: type[T]) -> T:
        """The body as one of `messages`; unknown keys are refused."""
        data = self.json()
        known = {field.name for field in fields(of)}  # type: ignore[arg-type]  # a dataclass
        if unknown := set(data) - known:
            raise StudioError(400, f"Unknown: {', '.join(sorted(unknown))}")
        try:
            return of(**data)
        except TypeError as error:
            raise StudioError(400, str(error)) from None

    def number(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        if text and not text.isdigit():
            raise StudioError(400, f"{name} is a number")
        return int(text or default)


class Surface:
    """The parts behind the routes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.pipelines = Pipelines(session)
        self.inplace = InPlace(session)
        self.deploying = Deploying(session)
        self.console = Console(session)
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
        self.deploying.deploy_if_needed()
        pipeline = self.session.pipeline(ask.path["pipeline"])
        watch = self.session.workspace().start(pipeline, ask.json().get("variables") or {})
        self.session.events.publish("run_changed", pipeline=pipeline.id, run=watch.run)
        return {"run": watch.run}

    def run_block(self, ask: Ask) -> dict[str, str]:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        body = ask.json()
        block, upstream = ask.path["block"], bool(body.get("upstream"))
        self.inplace.start(pipeline, block, upstream, body.get("variables") or {})
        return {"run": NOTEBOOK}

    def stop_block(self, ask: Ask) -> None:
        self.inplace.stop(self.session.pipeline(ask.path["pipeline"]), ask.path["block"])

    def retry(self, ask: Ask) -> dict[str, str]:
        self.deploying.deploy_if_needed()
        workspace = self.session.workspace()
        pipeline, execution = workspace.execution(ask.path["run"])
        again = str(execution.argument.get("run") or execution.id)
        variables = execution.argument.get("variables") or {}
        return {"run": workspace.start(pipeline, variables, again=again).run}

    def cancel(self, ask: Ask) -> dict[str, str]:
        pipeline = self.session.pipeline(ask.path["pipeline"])
        executions = self.session.workspace().clients.executions
        executions.cancel(workflow_id(pipeline), ask.path["run"])
        return {"run": ask.path["run"]}

    def artifact(self, ask: Ask) -> ArtifactRef:
        workspace = self.session.workspace()
        pipeline = self.session.pipeline(ask.path["pipeline"])
        found = manifest_of(workspace, pipeline, ask.path["block"], self.artifacts(ask))
        number = int(ask.path["number"])
        if found is None or number >= len(found.outputs):
            raise missing("such output")
        ref = ArtifactRef.from_json(found.outputs[number])
        if ref.rows is None:
            raise StudioError(400, "This output is no table")
        return ref

    def artifacts(self, ask: Ask) -> str:
        """The run whose prefix a run writes to: a retried run goes on in the earlier one's."""
        if ask.path["run"] == NOTEBOOK:
            return NOTEBOOK
        _, execution = self.session.workspace().execution(ask.path["run"])
        return str(execution.argument.get("run") or execution.id)

    def page(self, ask: Ask) -> Page:
        offset, limit = ask.number("offset", 0), ask.number("limit", 200)
        return self.tables.page(self.artifact(ask), offset, limit)


def routes(session: Session) -> list[BaseRoute]:
    """Everything that a browser can ask of us."""
    surface = Surface(session)
    return [
        *project_routes(surface.pipelines, session),
        *trigger_routes(surface.pipelines),
        *block_routes(surface),
        *run_routes(surface),
        *target_routes(surface),
        Route("/api/events", stream(session)),
        Route(
            "/api/pipeline_schedules/{id}/pipeline_runs/{token}",
            forward(session),
            methods=["POST"],
        ),
    ]


def project_routes(edit: Pipelines, session: Session) -> list[Route]:
    """Project files and pipelines."""
    p = "/api/pipelines/{pipeline}"
    return [
        get("/api/project", lambda ask: edit.project()),
        get("/api/project/activity", lambda ask: edit.activity()),
        get("/api/next_times", lambda ask: edit.timers.next_times(ask.query.get("interval", ""))),
        post("/api/pipelines", lambda ask: edit.create(ask.json())),
        get(p, lambda ask: edit.pipeline(ask.path["pipeline"])),
        patch(p, lambda ask: edit.change(ask.path["pipeline"], ask.json())),
        delete(p, lambda ask: edit.discard(ask.path["pipeline"])),
        get("/api/templates", lambda ask: templates()),
        get("/api/files", lambda ask: [{"path": n, "bytes": s} for n, s in session.files.tree()]),
        get("/api/files/{path:path}", lambda ask: session.files.read(ask.path["path"])),
        put("/api/files/{path:path}", lambda ask: save(edit, ask)),
        get("/api/search", lambda ask: edit.search(ask.query.get("q", ""))),
    ]


def trigger_routes(edit: Pipelines) -> list[Route]:
    """What starts a pipeline's runs: its triggers.yaml."""
    t = "/api/pipelines/{pipeline}/triggers"
    one = f"{t}/{{trigger:path}}"
    return [
        post(t, lambda ask: edit.add_trigger(ask.path["pipeline"], ask.record(TriggerChange))),
        patch(
            one,
            lambda ask: edit.change_trigger(
                ask.path["pipeline"], ask.path["trigger"], ask.record(TriggerChange)
            ),
        ),
        delete(one, lambda ask: edit.remove_trigger(ask.path["pipeline"], ask.path["trigger"])),
    ]


def block_routes(surface: Surface) -> list[Route]:
    """Blocks of a pipeline: changed, and run in place. A uuid may hold slashes."""
    edit = surface.pipelines
    p, b = "/api/pipelines/{pipeline}", "/api/pipelines/{pipeline}/blocks/{block:path}"
    return [
        post(f"{p}/run", surface.start_run),
        post(f"{p}/blocks", lambda ask: edit.add_block(ask.path["pipeline"], ask.record(NewBlock))),
        post(f"{b}/run", surface.run_block),
        post(f"{b}/stop", surface.stop_block),
        patch(
            b,
            lambda ask: edit.change_block(
                ask.path["pipeline"], ask.path["block"], ask.record(BlockChange)
            ),
        ),
        delete(b, lambda ask: edit.remove_block(ask.path["pipeline"], ask.path["block"])),
    ]


def run_routes(surface: Surface) -> list[Route]:
    """Runs and what their blocks left."""
    r = "/api/runs/{pipeline}/{run}"
    o = f"{r}/blocks/{{block:path}}/outputs/{{number:int}}"
    return [
        get("/api/runs", surface.runs),
        get(r, surface.run),
        get(f"{r}/logs", lambda ask: read_logs(surface, ask)),
        post(f"{r}/retry", surface.retry),
        post(f"{r}/cancel", surface.cancel),
        get(o, surface.page),
        get(f"{o}/profile", lambda ask: surface.tables.profile(surface.artifact(ask))),
    ]


def target_routes(surface: Surface) -> list[Route]:
    """The target behind the project, and a look into this machine's."""
    deploying, console = surface.deploying, surface.console
    return [
        get("/api/plan", lambda ask: deploying.plan()),
        post("/api/deploy", lambda ask: deploying.start()),
        get("/api/definition/{pipeline}", lambda ask: deploying.definition(ask.path["pipeline"])),
        get("/api/secrets", lambda ask: surface.pipelines.secrets()),
        get("/api/console/tables", lambda ask: console.tables()),
        post("/api/console/query", lambda ask: console.query(str(ask.json().get("sql") or ""))),
        get("/api/console/objects", lambda ask: objects(surface, ask)),
    ]


def save(edit: Pipelines, ask: Ask) -> Any:
    body = ask.json()
    text, version = body.get("text"), body.get("version")
    if not isinstance(text, str) or not isinstance(version, str):
        raise StudioError(400, "A save needs text and version")
    return edit.save(ask.path["path"], text, version)


def read_logs(surface: Surface, ask: Ask) -> Any:
    run = surface.artifacts(ask)
    return logs(surface.session.workspace(), run, ask.query.get("block", ""))


def objects(surface: Surface, ask: Ask) -> Any:
    return surface.console.objects(ask.query.get("bucket", ""), ask.query.get("prefix", ""))


def endpoint(method: str) -> Callable[[str, Handler], Route]:
    """A route whose handler runs in a thread and whose answer becomes JSON."""

    def make(path: str, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            ask = Ask(request, await request.body())
            return JSONResponse(jsonable(await run_in_threadpool(handler, ask)))

        return Route(path, answer, methods=[method])

    return make


get, post, put = endpoint("GET"), endpoint("POST"), endpoint("PUT")
patch, delete = endpoint("PATCH"), endpoint("DELETE")


def jsonable(value: Any) -> Any:
    if value is None:
        return {}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return plain(asdict(value) if is_dataclass(value) and not isinstance(value, type) else value)


def stream(session: Session) -> Callable[[Request], Any]:
    """The one stream of events; a browser that comes back names the last one it saw."""

    async def follow(request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        start = int(last) if last.isdigit() else session.events.last
        return StreamingResponse(messages(session, start), media_type="text/event-stream")

    return follow


async def messages(session: Session, last: int) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async for event in session.events.follow(last):
        yield encoded(event)
