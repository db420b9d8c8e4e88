"""`blocklift backfill`: run a pipeline for every interval of the past."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployer.cli.arguments import AsJson, PipelineName, ProjectPath, TargetName, Variables
from deployer.cli.console import plural, say, say_json, took
from deployer.errors import RunError

if TYPE_CHECKING:
    from deployer.runs.backfill import Backfill, Slot, SlotState

Json = Any
STYLES = {"SUCCEEDED": "green", "FAILED": "red", "CANCELLED": "red", "ACTIVE": "yellow"}
INTERRUPTED = 130


def backfill(
    project: ProjectPath,
    pipeline: PipelineName,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first interval.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last one, included.")],
    every: Annotated[str, typer.Option(help="day, 6 hours, month, …")] = "day",
    at_once: Annotated[
        int, typer.Option("--at-once", min=1, help="So many runs side by side.")
    ] = 1,
    target: TargetName = "local",
    var: Variables = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline once per interval; called again it goes on where it stopped."""
    from deployer.cli.run import bring_up_to_date, parsed
    from deployer.runs import backfill as backfills
    from deployer.workspace import opened

    step = backfills.parsed_every(every)
    begin, end = backfills.parsed_date(first, "--from"), backfills.parsed_date(last, "--to")
    slots = backfills.slots(begin, end, step)
    variables = parsed(var or ())
    workspace = opened(project, target)
    chosen = workspace.pipeline(pipeline)
    if workspace.target.is_local and not dry_run:
        bring_up_to_date(workspace, chosen, quiet=as_json)
    name = backfills.name_of(chosen, step)
    made = backfills.Backfill(
        chosen, slots, name, workspace.clients.executions, workspace.target.polling,
        variables, at_once,
    )  # fmt: skip
    perform(made, dry_run, as_json)


def perform(backfill: Backfill, dry_run: bool, as_json: bool) -> None:
    """Show what happens as it does; RunError when a run failed."""
    try:
        found = shown(backfill.states() if dry_run else backfill.perform(), as_json)
    except KeyboardInterrupt:
        say("what runs goes on; the same command goes on with the rest")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        say_json([to_json(state) for state in found.values()])
    failed = [state for state in found.values() if state.state in {"FAILED", "CANCELLED"}]
    if failed and not dry_run:
        told = "".join(f"\n  {state.slot.date}  {state.run}" for state in failed)
        raise RunError(
            f"{plural(len(failed), 'run')} of {len(found)} failed:{told}",
            "`blocklift logs PROJECT RUN` says why; the same backfill again retries just these",
        )
    if not as_json and not dry_run:
        say(f"{plural(len(found), 'run')} done", "bold")


def shown(states: Iterable[SlotState], quiet: bool) -> dict[Slot, SlotState]:
    """The last state of every interval, each said when it becomes known."""
    found: dict[Slot, SlotState] = {}
    for state in states:
        found[state.slot] = state
        if not quiet:
            say(line_of(state), STYLES.get(state.state, ""))
    return found


def line_of(state: SlotState) -> str:
    note = "done before" if state.earlier and state.over else ""
    seconds = took(state.seconds) if state.over else ""
    return f"{state.slot.date}  {state.state:<10} {state.run:<36}  {seconds} {note}".rstrip()


def to_json(state: SlotState) -> dict[str, Json]:
    return {
        "execution_date": state.slot.date,
        "state": state.state,
        "run": state.run or None,
        "seconds": state.seconds,
    }
