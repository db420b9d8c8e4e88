"""`blocklift plan`, `deploy` and `destroy`: change a target, or say what would change."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import starting
from deployer.cli.arguments import (
    AsJson,
    Packaging,
    Pipelines,
    ProjectPath,
    SkipRefused,
    Suffix,
    TargetName,
    Wait,
    Yes,
    seconds,
)
from deployer.cli.console import agreed, complain, plural, say, say_json
from deployer.cli.starting import StartCheck
from deployer.errors import UsageError

if TYPE_CHECKING:
    from deployer.deploying import Manner
    from deployer.plan import Plan
    from deployer.workspace import Workspace

HERE = Path()
WOULD_CHANGE = 1


def plan(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    suffix: Suffix = "",
    pipeline: Pipelines = None,
    skip_refused: SkipRefused = False,
    packaging: Packaging = "",
    as_json: AsJson = False,
    detailed: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything would change.")
    ] = False,
) -> None:
    """Say what `deploy` would change, and change nothing."""
    from deployer.cli.plans import show_plan
    from deployer.workspace import opened

    chosen = chosen_of(project, pipeline or (), skip_refused)
    workspace = opened(project, target, suffix=suffix, pipelines=chosen)
    workspace.package(packaging)
    planned = planned_for(workspace, chosen)
    if as_json:
        say_json(planned.to_json())
    else:
        show_plan(planned, workspace.title)
    raise typer.Exit(WOULD_CHANGE if detailed and planned.writes else 0)


def deploy(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    suffix: Suffix = "",
    pipeline: Pipelines = None,
    skip_refused: SkipRefused = False,
    packaging: Packaging = "",
    start_check: StartCheck = None,
    yes: Yes = False,
    wait: Wait = None,
    as_json: AsJson = False,
) -> None:
    """Make the target hold what the project says; what is so already is left alone."""
    from deployer.cli.plans import show_plan
    from deployer.cli.triggers import show_ways
    from deployer.deploying import Manner
    from deployer.workspace import opened

    chosen = chosen_of(project, pipeline or (), skip_refused)
    workspace = opened(project, target, suffix=suffix, pipelines=chosen)
    workspace.package(packaging)
    planned = planned_for(workspace, chosen)
    if not as_json:
        show_plan(planned, workspace.title)
    starting.start_check(workspace, planned, start_check, as_json)
    if planned.writes and asked(workspace, yes):
        consent(f"Change {plural(len(planned.writes), 'resource')} in {workspace.title}?")
    again = None if asked(workspace, yes) else lambda: planned_for(workspace, chosen)
    manner = Manner("deploy", 0, seconds(wait), complain, again)
    if planned.writes:
        perform(workspace, planned, as_json, manner)
    elif not chosen:
        workspace.catch_up(planned)
    if as_json:
        say_json(planned.to_json())
    else:
        show_ways(workspace, chosen)


def destroy(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    suffix: Suffix = "",
    yes: Yes = False,
    wait: Wait = None,
    data: Annotated[
        bool, typer.Option("--data", help="Also the buckets that we made and all in them.")
    ] = False,
) -> None:
    """Remove all that blocklift made for this project in the target, and nothing else."""
    from deployer.cli.plans import show_plan
    from deployer.deploying import DESTROY, Manner
    from deployer.workspace import opened

    workspace = opened(project, target, start=False, suffix=suffix)
    planned = workspace.teardown(with_buckets=data)
    show_plan(planned, workspace.title)
    if not planned.writes:
        return
    if not yes:
        consent(f"Delete {plural(len(planned.writes), 'resource')} in {workspace.title}?")
    perform(workspace, planned, False, Manner(DESTROY, 0, seconds(wait), complain))


def asked(workspace: Workspace, yes: bool) -> bool:
    """Whether a person is asked first, and so agrees to one plan and to no other."""
    return not workspace.target.is_local and not yes


def planned_for(workspace: Workspace, pipelines: Collection[str]) -> Plan:
    """The plan, for chosen pipelines only if any are named."""
    for name in pipelines:
        workspace.pipeline(name)
    return workspace.plan(pipelines)


def chosen_of(project: Path, named: Collection[str], skip_refused: bool) -> Collection[str]:
    """The pipelines that are dealt with, if not all; those left out are told, with why."""
    from deployer.soundness import surveyed

    if named or not skip_refused:
        return named
    split = surveyed(project).split()
    for name, problems in split.refused.items():
        complain(f"pipeline {name} is left out:")
        for problem in problems:
            complain(f"  {problem}")
    if split.refused and not split.sound:
        raise UsageError("no pipeline of this project can be deployed", "mend one of them")
    return split.sound if split.refused else ()


def consent(question: str) -> None:
    if not agreed(question):
        raise UsageError("not agreed to, so nothing was changed", "--yes does not ask")


def perform(workspace: Workspace, planned: Plan, quiet: bool, manner: Manner | None = None) -> None:
    """Apply with progress; CloudError if anything failed."""
    from deployer.cli.progress import Progress

    if not planned.writes:
        return
    with Progress(quiet, len(planned.writes)) as progress:
        applied = workspace.apply(planned, progress.tell, manner)
    applied.raise_for_failures()
    if not quiet:
        say(f"{plural(len(applied.done), 'change')} made", "bold")
