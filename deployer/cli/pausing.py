"""`blocklift pause` and `resume`: hold a pipeline's time triggers, whatever its files say.

A trigger that was paused or resumed by hand stays so through later deploys, until the other
verb makes it what its file says again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli.arguments import PipelineName, ProjectPath, TargetName
from deployer.cli.console import say
from deployer.errors import CloudError, UsageError

if TYPE_CHECKING:
    from deployer.model import Pipeline, Trigger
    from deployer.workspace import Workspace

TriggerName = Annotated[
    str, typer.Argument(metavar="[TRIGGER]", help="Its name in triggers.yaml; else all.")
]


def pause(
    project: ProjectPath,
    pipeline: PipelineName,
    trigger: TriggerName = "",
    target: TargetName = "local",
) -> None:
    """Let a pipeline's schedules start no runs until `resume`; later deploys keep it so."""
    hold(project, pipeline, trigger, target, paused=True)


def resume(
    project: ProjectPath,
    pipeline: PipelineName,
    trigger: TriggerName = "",
    target: TargetName = "local",
) -> None:
    """Let a pipeline's schedules start runs again."""
    hold(project, pipeline, trigger, target, paused=False)


def hold(project: ProjectPath, pipeline: str, trigger: str, target: str, *, paused: bool) -> None:
    from deployer.workspace import opened

    workspace = opened(project, target, start=False)
    for name, job in chosen(workspace.pipeline(pipeline), trigger).items():
        held(workspace, name, job, paused)
        say(f"{pipeline}/{name} {'paused' if paused else 'resumed'} in {workspace.title}")


def chosen(pipeline: Pipeline, wanted: str) -> Mapping[str, Trigger]:
    """Time triggers by name: one, or all."""
    from deployer.triggers.timed import time_triggers

    found = {trigger.name: trigger for trigger in time_triggers(pipeline)}
    if wanted and wanted not in found:
        known = ", ".join(sorted(found)) or "none"
        text = f"{pipeline.id} has no time trigger {wanted!r}"
        raise UsageError(text, f"its time triggers: {known}")
    if not found:
        raise UsageError(f"{pipeline.id} has no time trigger", "triggers.yaml has them")
    return {wanted: found[wanted]} if wanted else found


def held(workspace: Workspace, name: str, trigger: Trigger, paused: bool) -> None:
    from deployer.naming import schedule_id

    pipeline = next(p for p in workspace.project.pipelines if trigger in p.triggers)
    job = schedule_id(pipeline, name)
    lives = workspace.clients.schedules.list(workspace.owner, ())
    live = next((live for live in lives if live.name == job), None)
    if live is None:
        raise CloudError(f"trigger {name} is not deployed there", "`blocklift deploy` first")
    as_written = not trigger.active or bool(pipeline.suffix)
    workspace.clients.schedules.hold(live, paused, by_hand=paused is not as_written)
