"""The whole surface of Studio in one list, and each route's few lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.server.asking import delete, get, patch, post, put
from studio.server.events import encoded
from studio.server.forwarding import forward
from studio.server.messages import BlockChange, ChartChange, NewBlock, TriggerChange
from studio.server.pipelines import Pipelines
from studio.server.rights import rights
from studio.server.session import Session
from studio.server.surface import Surface
from studio.server.templates import templates


def routes(session: Session) -> list[BaseRoute]:
    """Everything that a browser can ask of us."""
    surface = Surface(session)
    return [
        *project_routes(surface),
        *trigger_routes(surface.pipelines),
        *block_routes(surface),
        *run_routes(surface),
        *chart_routes(surface),
        *target_routes(surface),
        Route("/api/events", stream(session)),
        Route(
            "/api/pipeline_schedules/{id}/pipeline_runs/{token}",
            forward(session),
            methods=["POST"],
        ),
    ]


def project_routes(surface: Surface) -> list[Route]:
    """Project files and pipelines."""
    edit, session = surface.pipelines, surface.session
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
        put("/api/files/{path:path}", surface.save),
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
        post(
            "/api/pipelines/{pipeline}/holds/{trigger:path}",
            lambda ask: edit.hold(
                ask.path["pipeline"], ask.path["trigger"], bool(ask.json().get("paused"))
            ),
        ),
    ]


def block_routes(surface: Surface) -> list[Route]:
    """Blocks of a pipeline: changed, and run in place. A uuid may hold slashes."""
    edit = surface.pipelines
    p, b = "/api/pipelines/{pipeline}", "/api/pipelines/{pipeline}/blocks/{block:path}"
    return [
        post(f"{p}/run", surface.start_run),
        post(f"{p}/blocks", lambda ask: edit.add_block(ask.path["pipeline"], ask.record(NewBlock))),
        post(f"{b}/run", surface.run_block),
        post(f"{b}/debug", surface.debug_block),
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
        get(f"{r}/logs", surface.read_logs),
        get(f"{r}/steps", surface.steps),
        get("/api/compare/{pipeline}", surface.compare),
        post(f"{r}/retry", surface.retry),
        post(f"{r}/cancel", surface.cancel),
        get(o, surface.page),
        get(f"{o}/profile", lambda ask: surface.tables.profile(surface.artifact(ask))),
    ]


def chart_routes(surface: Surface) -> list[Route]:
    """Mage's widgets: kept in the pipeline's metadata.yaml, drawn from the notebook run."""
    widgets, change = surface.widgets, surface.change_charts
    c = "/api/pipelines/{pipeline}/charts"
    one = f"{c}/{{chart}}"

    return [
        get(c, lambda ask: widgets.all(ask.path["pipeline"])),
        post(c, lambda ask: change(ask, widgets.add, ask.record(ChartChange))),
        patch(
            one,
            lambda ask: change(ask, widgets.change, ask.path["chart"], ask.record(ChartChange)),
        ),
        delete(one, lambda ask: change(ask, widgets.remove, ask.path["chart"])),
        get(f"{one}/data", surface.chart),
    ]


def target_routes(surface: Surface) -> list[Route]:
    """The target behind the project, and a look into this machine's."""
    deploying, console, warehouse = surface.deploying, surface.console, surface.warehouse
    return [
        get("/api/plan", lambda ask: deploying.plan(bool(ask.query.get("skip_refused")))),
        post("/api/deploy", lambda ask: deploying.deploy(bool(ask.json().get("skip_refused")))),
        get("/api/rights", lambda ask: rights(surface.session.workspace())),
        get("/api/deployments", lambda ask: deploying.history()),
        get(
            "/api/deployments/{number:int}/back",
            lambda ask: deploying.way_back(ask.path["number"]),
        ),
        post(
            "/api/deployments/{number:int}/back",
            lambda ask: deploying.roll_back(ask.path["number"]),
        ),
        get("/api/cost", surface.cost),
        get("/api/backfill/{pipeline}", surface.backfill_states),
        post("/api/backfill/{pipeline}", surface.backfill),
        get("/api/definition/{pipeline}", lambda ask: deploying.definition(ask.path["pipeline"])),
        get("/api/secrets", lambda ask: surface.pipelines.secrets()),
        get("/api/connections", lambda ask: surface.connections.profiles()),
        post(
            "/api/connections/{profile}/test",
            lambda ask: surface.connections.test(ask.path["profile"]),
        ),
        get("/api/console/tables", lambda ask: console.tables()),
        post("/api/console/query", lambda ask: console.query(str(ask.json().get("sql") or ""))),
        get("/api/console/processes", lambda ask: console.processes()),
        get("/api/console/buckets", lambda ask: console.buckets()),
        get("/api/console/bigquery", lambda ask: warehouse.tables()),
        post(
            "/api/console/bigquery", lambda ask: warehouse.query(str(ask.json().get("sql") or ""))
        ),
        get("/api/console/objects", surface.objects),
    ]


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
