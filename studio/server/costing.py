"""What a month costs, as `blocklift cost` says it."""

from __future__ import annotations

from deployer.workspace import Workspace
from studio.server.messages import CostInfo, CostItem


def cost(workspace: Workspace, runs_per_day: float | None) -> CostInfo:
    """From past runs; `runs_per_day` None: as often as the schedules say."""
    from deployer.resources import Secret
    from deployer.runs.cost import estimate
    from deployer.runs.usage import Usage

    used = list(Usage(workspace).pipelines(runs_per_day))
    secrets = sum(isinstance(r, Secret) for r in workspace.desired.resources)
    found = estimate(used, secrets, workspace.target.keep_days)
    return CostInfo(
        currency=found.prices.currency,
        prices_of=found.prices.date,
        items=[
            CostItem(
                title=item.meter.title,
                quantity=item.quantity,
                unit=item.meter.unit,
                free=item.meter.free,
                full=item.cost,
                pay=item.after_free,
            )
            for item in found.items
            if item.quantity
        ],
        runs=dict(found.pipelines),
        full=found.total,
        pay=found.after_free,
        notes=list(found.notes),
    )
