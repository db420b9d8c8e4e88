"""`blocklift durations`: tell the compiler what blocks take, by their past runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.arguments import AsJson, ProjectPath, TargetName
from deployer.cli.console import say, say_json

HERE = Path()


def durations(
    project: ProjectPath = HERE,
    pipeline: Annotated[str | None, typer.Argument(help="Only this one.")] = None,
    target: TargetName = "local",
    as_json: AsJson = False,
) -> None:
    """Write what blocks usually take into durations.yaml, so that the longest way starts first."""
    from deployer.runs.durations import learn
    from deployer.runs.usage import Usage
    from deployer.workspace import opened

    workspace = opened(project, target)
    every = workspace.project.pipelines
    wanted = [workspace.pipeline(pipeline)] if pipeline else every
    found = {str(one.id): learn(Usage(workspace), one) for one in wanted}
    if as_json:
        say_json({name: {"seconds": s, "changed": new} for name, (s, new) in found.items()})
        return
    for name, (seconds, changed) in found.items():
        say(f"{name:<32} {_told(bool(seconds), changed)}")


def _told(known: bool, changed: bool) -> str:
    if not known:
        return "no past run that succeeded"
    return "written: deploy to use it" if changed else "as it was"
