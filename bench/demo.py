"""`make demo`: the main job, told on the terminal while it happens.

It works on projects/magic-zoomcamp as it lies here, and always with the embedded Postgres: a
server that somebody named in `.env` or in the shell is not touched.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from deployer import local
from deployer.cli.console import plural, took
from deployer.cli.running import RunView, followed_live, followed_plainly
from deployer.cli.triggers import by_executions, by_trigger, curl
from deployer.errors import BlockliftError
from deployer.naming import workflow_id
from deployer.plan import Action
from deployer.runs.watch import RunOver, Watch
from deployer.workspace import Workspace, opened

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "projects" / "magic-zoomcamp"
SHOWN = PROJECT.relative_to(ROOT)
Json = Any
WORDS = {"access": "access rule", "account": "service account"}

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    try:
        story()
    except BlockliftError as error:
        console.print(f"\n[bold red]The demo stopped:[/] {error}", markup=True)
        if error.hint:
            console.print(f"  hint: {error.hint}", markup=False)
        return 1
    return 0


def story() -> None:
    began = time.monotonic()
    console.print(Panel.fit("Blocklift: an ordinary Mage project on a cloud of its own"))
    workspace = cloud()
    deploy(workspace)
    load(workspace)
    arrived(workspace)
    partitions(workspace)
    report(workspace)
    console.print(f"\n[green]Everything worked, in {took(time.monotonic() - began)}.[/]")
    where_next(workspace)


@contextmanager
def chapter(number: int, title: str) -> Iterator[None]:
    console.print(f"\n[bold]{number}  {title}[/]")
    yield


def say(text: str) -> None:
    console.print(f"   {text}")


# -- the chapters ---------------------------------------------------------------------------


def cloud() -> Workspace:
    with chapter(1, "A Google Cloud on this machine, and a Postgres"):
        began = time.monotonic()
        workspace = opened(PROJECT)
        server = local.postgres(workspace.target.base)
        os.environ.update(settings_of(server))
        say(f"cloud     {workspace.target.base}")
        say(f"Postgres  {server['host']}:{server['port']}, its data in {SHOWN}/.blocklift/")
        say(f"[dim]ready in {took(time.monotonic() - began)}[/]")
    return workspace


def settings_of(server: Mapping[str, Json]) -> dict[str, str]:
    names = ("dbname", "user", "password", "host", "port")
    return {f"POSTGRES_{name.upper()}": str(server[name]) for name in names}


def deploy(workspace: Workspace) -> None:
    with chapter(2, f"Deploy {SHOWN}   [dim]$ blocklift deploy {SHOWN}[/]"):
        began = time.monotonic()
        planned = workspace.plan()
        workspace.apply(planned, lambda _: None).raise_for_failures()
        for action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE):
            if count := planned.count(action):
                say(f"{plural(count, 'resource')} to {action}: {kinds(planned.writes, action)}")
        kept = planned.count(Action.KEEP)
        if kept:
            say(f"{plural(kept, 'resource')} as they should be already")
        say(f"[dim]done in {took(time.monotonic() - began)}[/]")


def kinds(changes: Any, action: Action) -> str:
    found: dict[str, int] = {}
    for change in changes:
        if change.action is action:
            found[change.kind] = found.get(change.kind, 0) + 1
    return ", ".join(plural(n, WORDS.get(kind, kind)) for kind, n in found.items())


def load(workspace: Workspace) -> None:
    with chapter(3, "Start the pipeline api_to_postgres by HTTP"):
        pipeline = workspace.pipeline("api_to_postgres")
        way = by_executions(workspace, pipeline)
        console.print(indented(curl(way)), style="cyan", markup=False)
        name = str(post(way["url"], way["body"])["name"])
        watch(workspace, "api_to_postgres", name.rsplit("/", 1)[-1])
        for other in by_trigger(workspace, pipeline):
            say("[dim]Or as Mage's users do:[/]")
            console.print(indented(curl(other)), style="dim", markup=False)


def arrived(workspace: Workspace) -> None:
    with chapter(4, "What arrived in Postgres: ny_taxi.green_taxi"):
        [(count,)] = query(workspace, "select count(*) from ny_taxi.green_taxi")
        rows = query(
            workspace,
            "select lpep_pickup_date, lpep_dropoff_datetime, passenger_count, trip_distance,"
            " total_amount from ny_taxi.green_taxi order by lpep_dropoff_datetime limit 3",
        )
        names = ("picked up", "dropped off", "passengers", "miles", "dollars")
        show(names, rows)
        say(f"{plural(count, 'row')} in all")


def partitions(workspace: Workspace) -> None:
    with chapter(
        5, f"The same trips as Parquet   [dim]$ blocklift run {SHOWN} api_to_gcs_partitioned[/]"
    ):
        run(workspace, "api_to_gcs_partitioned")
        bucket = f"{workspace.target.project_id}-trips"
        place = f"/storage/v1/b/{bucket}/o?prefix=green_taxi/lpep&maxResults=1000"
        found = get(workspace.target.endpoints.storage + place).get("items", [])
        files = sorted(item["name"] for item in found if item["name"].endswith(".parquet"))
        say(f"{plural(len(files), 'file')}, one per pickup date, in gs://{bucket}; the first:")
        say(f"[dim]{files[0] if files else '–'}[/]")


def report(workspace: Workspace) -> None:
    with chapter(6, f"SQL blocks, then Python   [dim]$ blocklift run {SHOWN} postgres_report[/]"):
        over = run(workspace, "postgres_report")
        say("[dim]print_report said:[/]")
        for line in workspace.last_lines(over.run, "print_report", 10):
            if not line.startswith("print_report: "):  # what the runtime said, not the block
                say(f"[green]│[/] {line}")


def where_next(workspace: Workspace) -> None:
    commands = {
        f"blocklift runs {SHOWN}": "what ran",
        f"blocklift logs {SHOWN} RUN": "what it said",
        f"blocklift up {SHOWN}": "the same in the browser, on port 6789",
        f"blocklift triggers {SHOWN}": "all ways to start a run",
        f"blocklift cost {SHOWN}": "what a month of it costs on Google Cloud",
        f"blocklift down {SHOWN}": "stop the cloud, keep its data",
    }
    console.print("\n[bold]Where to look next[/]   [dim]after[/] . .venv/bin/activate")
    for command, what in commands.items():
        say(f"[cyan]{command:<48}[/] {what}")
    say(f"\n   The cloud stays up at {workspace.target.base}. Change a block in {SHOWN}/ and")
    say("deploy: only its function is made again. README.md goes on from here.")


# -- the means ------------------------------------------------------------------------------


def run(workspace: Workspace, name: str) -> RunOver:
    watched = workspace.start(workspace.pipeline(name), {})
    return ended(workspace, watched)


def watch(workspace: Workspace, name: str, run: str) -> RunOver:
    """Watch a run that somebody else started."""
    pipeline, clients = workspace.pipeline(name), workspace.clients
    execution = clients.executions.get(workflow_id(pipeline), run)
    polling = workspace.target.polling
    return ended(
        workspace,
        Watch(
            workspace.project.name, pipeline, clients.executions, clients.objects,
            execution.id, execution.id, polling,
        ),
    )  # fmt: skip


def ended(workspace: Workspace, watched: Watch) -> RunOver:
    from deployer.cli.run import explained
    from deployer.errors import RunError

    if console.is_terminal:
        over = followed_live(RunView(watched.pipeline), watched.events())
    else:
        over = followed_plainly(RunView(watched.pipeline), watched.events())
    if not over.worked:
        raise RunError(explained(workspace, over, watched.artifacts))
    return over


def get(url: str) -> Json:
    return asked("GET", url, None)


def post(url: str, body: Json) -> Json:
    return asked("POST", url, json.dumps(body))


def asked(method: str, url: str, body: str | None) -> Json:
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
    path = f"{place.path}?{place.query}"
    connection.request(method, path, body, {"content-type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    if "error" in answer:
        raise BlockliftError(str(answer["error"].get("message", answer["error"])))
    return answer


def query(workspace: Workspace, text: str) -> list[tuple[Any, ...]]:
    import psycopg

    to = local.postgres(workspace.target.base)
    with psycopg.connect(**to) as db:
        return db.execute(text.encode()).fetchall()


def show(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*map(str, row))
    console.print(table)


def indented(text: str) -> str:
    return "\n".join(f"   {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
