"""Before anything is uploaded: does each new bundle start?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli.console import complain, plural, say
from deployer.errors import ProjectError

if TYPE_CHECKING:
    from deployer.bundle import Bundle
    from deployer.plan import Change, Plan
    from deployer.workspace import Workspace

StartCheck = Annotated[
    bool | None,
    typer.Option(
        "--start-check/--no-start-check",
        help="Start each new bundle here before it is uploaded; the local cloud does so anyway.",
    ),
]


def start_check(workspace: Workspace, planned: Plan, wished: bool | None, quiet: bool) -> None:
    """ProjectError for imports that fail; what could not be tried is said."""
    if wished is False or (wished is None and workspace.target.is_local):
        return
    bundles = [made for change in planned.writes if (made := new_bundle(change))]
    if not bundles:
        return
    from deployer.trial import tried

    found = tried(workspace.project.root, bundles)
    for text in found.unclear:
        complain(f"not checked: {text}")
    if found.problems:
        raise ProjectError(found.problems)
    if not quiet:
        say(f"{plural(len(bundles), 'bundle')} started here", "dim")


def new_bundle(change: Change) -> Bundle | None:
    """Of a function that will be built."""
    from deployer.plan import Action
    from deployer.resources import Function

    if not isinstance(change.resource, Function) or change.action is Action.DELETE:
        return None
    known = change.live and change.action is Action.UPDATE
    same = known and not any(field.name == "bundle" for field in change.fields)
    return None if same else change.resource.bundle
