"""`blocklift plan`, `deploy` and `destroy`: change a target, or say what would change."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli.arguments import AsJson, Pipelines, ProjectPath, TargetName, Yes
from deployer.cli.console import agreed, plural, say, say_json
from deployer.errors import UsageError

if TYPE_CHECKING:
    from deployer.plan import Plan
    from deployer.workspace import Workspace

HERE = Path()
WOULD_CHANGE = 1


def plan(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    pipeline: Pipelines = None,
    as_json: AsJson = False,
    detailed: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything would change.")
    ] = False,
) -> None:
    """Say what `deploy` would change, and change nothing."""
    from deployer.cli.plans import show_plan
    from deployer.workspace import opened

    workspace = opened(project, target)
    planned = planned_for(workspace, pipeline or ())
    if as_json:
        say_json(planned.to_json())
    else:
        show_plan(planned, target)
    raise typer.Exit(WOULD_CHANGE if detailed and planned.writes else 0)


def deploy(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    pipeline: Pipelines = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make the target hold what the project says; what is so already is left alone."""
    from deployer.cli.plans import show_plan
    from deployer.cli.triggers import show_ways
    from deployer.workspace import opened

    workspace = opened(project, target)
    planned = planned_for(workspace, pipeline or ())
    if not as_json:
        show_plan(planned, target)
    if planned.writes and not workspace.target.is_local and not yes:
        consent(f"Change {plural(len(planned.writes), 'resource')} in {target}?")
    perform(workspace, planned, quiet=as_json)
    if as_json:
        say_json(planned.to_json())
    else:
        show_ways(workspace, pipeline or ())


def destroy(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    yes: Yes = False,
    data: Annotated[
        bool, typer.Option("--data", help="Also the buckets that we made and all in them.")
    ] = False,
) -> None:
    """Remove all that blocklift made for this project in the target, and nothing else."""
    from deployer.cli.plans import show_plan
    from deployer.workspace import opened

    workspace = opened(project, target, start=False)
    planned = workspace.teardown(with_buckets=data)
    show_plan(planned, target)
    if not planned.writes:
        return
    if not yes:
        consent(f"Delete {plural(len(planned.writes), 'resource')} in {target}?")
    perform(workspace, planned, quiet=False)


def planned_for(workspace: Workspace, pipelines: Collection[str]) -> Plan:
    """The plan, for chosen pipelines only if any are named."""
    for name in pipelines:
        workspace.pipeline(name)
    planned = workspace.plan()
    return planned.only(pipelines) if pipelines else planned


def consent(question: str) -> None:
    if not agreed(question):
        raise UsageError("not agreed to, so nothing was changed", "--yes does not ask")


def perform(workspace: Workspace, planned: Plan, quiet: bool) -> None:
    """Apply with progress; CloudError if anything failed."""
    from deployer.cli.plans import Progress

    if not planned.writes:
        return
    with Progress(quiet) as progress:
        applied = workspace.apply(planned, progress.tell)
    applied.raise_for_failures()
    if not quiet:
        say(f"{plural(len(applied.done), 'change')} made", "bold")
