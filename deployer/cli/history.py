"""`blocklift deployments`, `rollback` and `unlock`: what was deployed, back to it, and the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli.arguments import (
    AsJson,
    ProjectPath,
    Suffix,
    TargetName,
    Wait,
    Yes,
    seconds,
)
from deployer.cli.console import complain, plural, say, say_json
from deployer.cli.deploy import consent, perform

if TYPE_CHECKING:
    from deployer.deployments.history import Deployment


def deployments(
    project: ProjectPath,
    target: TargetName = "local",
    suffix: Suffix = "",
    most: Annotated[int, typer.Option("--most", "-n", min=1, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """What was deployed when, by whom and from which commit; newest first."""
    from deployer.workspace import opened

    workspace = opened(project, target, start=False, suffix=suffix)
    found = workspace.journal.list(most)
    if as_json:
        say_json([one.to_json() for one in found])
        return
    for one in found:
        say(line_of(one))
    if not found:
        say(f"nothing was deployed to {target} yet")


def line_of(one: Deployment) -> str:
    what = f"{one.purpose} to {one.back_to}" if one.back_to else one.purpose
    state = "" if one.ended else "  not finished"
    count = plural(len(one.changes), "change")
    return f"{one.number:>5}  {one.began}  {what:<14} {one.by}  {one.commit or '–'}  {count}{state}"


def rollback(
    project: ProjectPath,
    pipeline: Annotated[
        list[str] | None, typer.Argument(metavar="[PIPELINE]...", help="Only these.")
    ] = None,
    target: TargetName = "local",
    suffix: Suffix = "",
    to: Annotated[
        int | None, typer.Option("--to", min=1, help="Its number; else the one before the newest.")
    ] = None,
    yes: Yes = False,
    wait: Wait = None,
    as_json: AsJson = False,
) -> None:
    """Go back to an earlier deployment: nothing is built again, the files stay as they are."""
    from deployer.cli.plans import show_plan
    from deployer.deploying import Manner
    from deployer.deployments.rollback import chosen
    from deployer.workspace import opened

    workspace = opened(project, target, start=False, suffix=suffix)
    deployment = chosen(workspace.journal, to)
    planned = workspace.way_back(deployment, pipeline or ())
    if not as_json:
        say(f"back to deployment {deployment.number} of {deployment.began} by {deployment.by}")
        show_plan(planned, workspace.title)
    if planned.writes and not workspace.target.is_local and not yes:
        consent(f"Go back in {target}?")
    manner = Manner("rollback", deployment.number, seconds(wait), complain)
    perform(workspace, planned, as_json, manner)
    if as_json:
        say_json({"back_to": deployment.number, **planned.to_json()})


def previews(project: ProjectPath, target: TargetName = "local", as_json: AsJson = False) -> None:
    """Previews of this project in a target; `destroy --suffix` removes one."""
    from deployer.workspace import opened

    found = opened(project, target, start=False).previews()
    if as_json:
        say_json([{"suffix": suffix, "since": since} for suffix, since in found.items()])
        return
    for suffix, since in found.items():
        say(f"{suffix:<20}  since {since}")
    if not found:
        say(f"no previews in {target}")


def unlock(
    project: ProjectPath,
    target: TargetName = "local",
    suffix: Suffix = "",
    yes: Yes = False,
) -> None:
    """Break the lock of a deployer that is known to be gone."""
    from deployer.deployments.lock import holder_of
    from deployer.workspace import opened

    workspace = opened(project, target, start=False, suffix=suffix)
    notes, name = workspace.clients.notes, workspace.journal.lock
    seen = notes.look(name)
    if seen is None:
        say(f"nobody is changing {target}")
        return
    holder = holder_of(notes.read(name))
    say(f"held by {holder or 'an unknown deployer'}, last heard of {seen.age:.0f} s ago")
    if not yes:
        consent("Break its lock? A deployer that lives will stop.")
    notes.remove(name, seen.generation)
    say("unlocked")
