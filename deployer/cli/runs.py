"""`blocklift runs` and `logs`: what ran, how it ended, and what it said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployer.cli.arguments import AsJson, Pipelines, ProjectPath, TargetName
from deployer.cli.console import say, say_json, took
from deployer.errors import UsageError

if TYPE_CHECKING:
    from deployer.gcp.executions import Execution
    from deployer.gcp.logs import Line

Json = Any
HERE = Path()
STYLES = {"SUCCEEDED": "green", "FAILED": "red", "ACTIVE": "yellow", "SKIPPED": "dim"}
LOUD = {"ERROR": "red", "CRITICAL": "bold red", "WARNING": "yellow", "DEBUG": "dim"}


def runs(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    pipeline: Pipelines = None,
    most: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Past runs, newest first."""
    from deployer.workspace import opened

    workspace = opened(project, target, start=False)
    found = workspace.runs(pipeline or (), most)
    if as_json:
        say_json([run_json(name, execution) for name, execution in found])
        return
    for name, execution in found:
        line = f"{execution.id}  {name:<30} {execution.outcome:<10} {execution.started[:19]:<19}"
        say(f"{line}  {took(execution.duration)}", STYLES.get(execution.outcome, ""))
    if not found:
        say("no runs yet")


def run_json(pipeline: str, execution: Execution) -> dict[str, Json]:
    return {
        "run": execution.id,
        "pipeline": pipeline,
        "state": execution.outcome,
        "skipped": execution.skipped or None,
        "started": execution.started,
        "ended": execution.ended,
        "seconds": execution.duration,
        "variables": execution.argument.get("variables") or {},
    }


def logs(
    project: ProjectPath,
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id of a run; `blocklift runs`.")],
    block: Annotated[str, typer.Option("--block", "-b", help="Only of this block.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Until the run ends.")] = False,
    severity: Annotated[str, typer.Option(help="Only this and worse, e.g. ERROR.")] = "",
    target: TargetName = "local",
    as_json: AsJson = False,
) -> None:
    """What the blocks of a run wrote."""
    from deployer.runs.logs import wanted
    from deployer.workspace import opened

    if severity and severity.upper() not in {"DEBUG", "INFO", "NOTICE", *LOUD}:
        raise UsageError(f"no severity {severity!r}", "DEBUG, INFO, WARNING, ERROR, CRITICAL")
    workspace = opened(project, target, start=False)
    pipeline, execution = workspace.execution(run)
    logged = str(execution.argument.get("run") or run)
    since = execution.started if logged != run else ""
    query = wanted(logged, block, severity.upper(), since)
    lines = (
        workspace.follow_logs(pipeline, run, query)
        if follow
        else workspace.clients.logs.read(query)
    )
    for line in lines:
        show(line, as_json, with_block=not block)


def show(line: Line, as_json: bool, with_block: bool) -> None:
    import json

    if as_json:
        print(
            json.dumps(
                {
                    "time": line.time,
                    "severity": line.severity,
                    "block": line.block,
                    "message": line.message,
                }
            ),
            flush=True,
        )
        return
    who = f"{line.block}: " if with_block and line.block else ""
    say(
        f"{line.time[11:23]:<12} {line.severity:<8} {who}{line.message}",
        LOUD.get(line.severity, ""),
    )
