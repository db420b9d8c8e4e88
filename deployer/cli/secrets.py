"""`blocklift secrets`: which settings a project asks for, and giving a target their values."""

from __future__ import annotations

from pathlib import Path

import typer

from deployer.cli.arguments import AsJson, ProjectPath, TargetName, Yes
from deployer.cli.console import plural, say, say_json

app = typer.Typer(no_args_is_help=True, help="Settings and their values in a target.")
HERE = Path()


@app.command("list")
def list_(
    project: ProjectPath = HERE, target: TargetName = "local", as_json: AsJson = False
) -> None:
    """Every setting that blocks ask for, and where a value for it is. Never the value."""
    from deployer.naming import secret_id
    from deployer.workspace import opened

    workspace = opened(project, target)
    here, held = workspace.known_values(), workspace.held()
    found = [
        {
            "setting": name,
            "here": name in here,
            "in_target": secret_id(workspace.project.alias, name) in held,
        }
        for name in sorted(workspace.settings)
    ]
    if as_json:
        say_json(found)
        return
    for item in found:
        say(f"{item['setting']:<40} {where(bool(item['here']), bool(item['in_target']))}")


def where(here: bool, there: bool) -> str:
    if here and there:
        return "has a value here and in the target"
    if there:
        return "has a value in the target"
    return "has a value here only: `blocklift secrets push`" if here else "has no value"


@app.command()
def push(project: ProjectPath = HERE, target: TargetName = "local", yes: Yes = False) -> None:
    """Give the target the values that this machine has in `.env` and in the shell."""
    from deployer.cli.deploy import consent, perform
    from deployer.workspace import opened

    workspace = opened(project, target)
    planned = workspace.plan_of_secrets()
    for change in planned.writes:
        say(f"~ {change.title}  ({change.reason or 'new'})", "yellow")
    if not planned.writes:
        say(f"{target}: all values are there already")
        return
    if not yes and not workspace.target.is_local:
        consent(f"Push {plural(len(planned.writes), 'value')} to {target}?")
    perform(workspace, planned, quiet=False)
    say("functions get them with the next `blocklift deploy`", "dim")
