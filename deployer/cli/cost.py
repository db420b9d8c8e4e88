"""`blocklift cost`: what a month costs, item by item."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli.arguments import AsJson, ProjectPath, TargetName
from deployer.cli.console import plural, say, say_json

if TYPE_CHECKING:
    from deployer.runs.cost import Estimate, Item, PipelineUse

HERE = Path()


def cost(
    project: ProjectPath = HERE,
    runs_per_day: Annotated[
        float | None,
        typer.Option(min=0, help="Of every pipeline; without it as often as schedules say."),
    ] = None,
    target: TargetName = "local",
    as_json: AsJson = False,
) -> None:
    """Estimate a month on Google Cloud from past runs; the local target's runs count too."""
    from deployer.resources import Secret
    from deployer.runs.cost import estimate
    from deployer.runs.usage import Usage
    from deployer.workspace import opened

    workspace = opened(project, target)
    used = list(Usage(workspace).pipelines(runs_per_day))
    secrets = sum(isinstance(r, Secret) for r in workspace.desired.resources)
    found = estimate(used, secrets, workspace.target.keep_days)
    if as_json:
        say_json(found.to_json())
    else:
        show(found, used)


def show(found: Estimate, used: list[PipelineUse]) -> None:
    sign = found.prices.currency
    for pipeline in used:
        per_run = found.pipelines[pipeline.name]
        basis = (
            f"mean of {plural(pipeline.measured, 'past run')}"
            if pipeline.measured
            else "no past runs"
        )
        say(f"{pipeline.name:<32} {pipeline.runs:>9,.0f} runs   {per_run:.6f} {sign} each, {basis}")
    say()
    say(
        f"{'a month':<26} {'amount':>14} {'unit':<13} {'free':>9} {'full price':>12} {'to pay':>10}"
    )
    for item in found.items:
        if item.quantity:
            say(line_of(item))
    say(f"{'together, ' + sign:<64} {found.total:>12,.2f} {found.after_free:>10,.2f}", "bold")
    say(f"prices of {found.prices.date}; to pay: beyond what is free per billing account")
    for note in found.notes:
        say(f"note: {note}")


def line_of(item: Item) -> str:
    meter = item.meter
    amount = f"{item.quantity:,.2f}" if item.quantity < 100 else f"{item.quantity:,.0f}"
    return (
        f"{meter.title:<26} {amount:>14} {meter.unit:<13} {meter.free:>9,.9g}"
        f" {item.cost:>12,.4f} {item.after_free:>10,.4f}"
    )
