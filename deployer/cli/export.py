"""`blocklift export terraform`: the whole plan for teams that review and apply it there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.arguments import Packaging, ProjectPath, TargetName
from deployer.cli.console import plural, say

HERE, THERE = Path(), Path("terraform")
app = typer.Typer(no_args_is_help=True, help="Write a project's plan for other tools.")


@app.callback()
def export() -> None:
    """Write a project's plan for other tools."""


@app.command()
def terraform(
    project: ProjectPath = HERE,
    target: TargetName = "local",
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder.")] = THERE,
    packaging: Packaging = "",
) -> None:
    """Write everything that `deploy` would make as Terraform; nothing is deployed."""
    from deployer.terraform.folder import contents, write
    from deployer.workspace import opened

    workspace = opened(project, target)
    workspace.package(packaging)
    files = contents(workspace.desired.resources, workspace.target, workspace.owner)
    done = write(output, files)
    say(f"{plural(len(done.written), 'file')} written to {output}", "bold")
    if done.removed:
        say(f"{plural(len(done.removed), 'file')} of an earlier export removed")
    for note in workspace.desired.notes:
        say(f"note: {note}")
    say("values of secrets are not in it: `blocklift secrets push`, or add versions by hand")
