"""A global data product: outputs of another pipeline's latest run, made anew when outdated.

Only runs that were started for the product count. It is outdated when its latest completed
run is older than `outdated_after` says and the time of day has come that
`outdated_starting_at` asks for; without the first it is made once (Mage: "Global data
products").
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from runtime import executions
from runtime.artifacts import Artifacts
from runtime.context import Context
from runtime.errors import InputProblem, SettingsProblem

Json = Any
TRIGGER = "global_data_product"
FIRST_LOOK, LONGEST_PAUSE = 0.2, 30.0
MONTH = 30.436875 * 86_400
SECONDS = {"seconds": 1.0, "weeks": 7 * 86_400.0, "months": MONTH, "years": 12 * MONTH}
PARTS: Mapping[str, Callable[[datetime], int]] = {
    "second_of_minute": lambda now: now.second,
    "minute_of_hour": lambda now: now.minute,
    "hour_of_day": lambda now: now.hour,
    "day_of_week": lambda now: now.isoweekday() % 7,
    "day_of_month": lambda now: now.day,
    "day_of_year": lambda now: now.timetuple().tm_yday,
    "week_of_month": lambda now: (now.day + now.replace(day=1).weekday() - 1) // 7 + 1,
    "week_of_year": lambda now: now.isocalendar()[1],
    "month_of_year": lambda now: now.month,
}


def value(context: Context) -> dict[str, list[Any]]:
    """Each block that the product names, with its outputs, those of the newest run first."""
    product = context.spec.product
    workflow = context.spec.workflows.get(product["pipeline"])
    if workflow is None:
        raise SettingsProblem(f"there is no deployed pipeline {product['pipeline']!r}")
    runs = _runs(workflow, product["uuid"])
    made = [run for run in runs if run["state"] == "SUCCEEDED"]
    if is_outdated(product, _date(made[0]) if made else None, _now()):
        _finished(next((run for run in runs if _goes_on(run)), None) or _started(context, workflow))
        made = [run for run in _runs(workflow, product["uuid"]) if run["state"] == "SUCCEEDED"]
    return {
        block: _outputs(context, made[: partitions or None], block)
        for block, partitions in product["blocks"].items()
    }


def is_outdated(product: Mapping[str, Json], latest: datetime | None, now: datetime) -> bool:
    """Whether it must be made now; `latest` is when it was made last."""
    if latest is None:
        return True
    after = product.get("outdated_after") or {}
    age = sum(SECONDS[unit] * float(count or 0) for unit, count in after.items() if unit in SECONDS)
    if not age or now < latest + timedelta(seconds=age):
        return False
    starting = product.get("outdated_starting_at") or {}
    return all(
        PARTS[part](now) >= int(least)
        for part, least in starting.items()
        if part in PARTS and least is not None
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _runs(workflow: str, uuid: str) -> list[Json]:
    """Those of this product, the newest first."""
    return [
        run
        for run in executions.latest(workflow)
        if (told := executions.argument_of(run).get("trigger") or {}).get("type") == TRIGGER
        and told.get("name") == uuid
    ]


def _goes_on(run: Json) -> bool:
    return run["state"] in ("ACTIVE", "QUEUED")


def _date(run: Json) -> datetime:
    told = executions.argument_of(run).get("trigger") or {}
    moment = datetime.fromisoformat(told.get("execution_date") or run["startTime"])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _started(context: Context, workflow: str) -> Json:
    uuid = context.spec.product["uuid"]
    told = {"name": uuid, "type": TRIGGER, "execution_date": _now().isoformat()}
    run = executions.start(workflow, {"variables": {}, "trigger": told})
    print(f"Global data product {uuid}: started pipeline {context.spec.product['pipeline']}")
    return run


def _finished(run: Json) -> None:
    """Wait for its end."""
    pause = FIRST_LOOK
    while _goes_on(run):
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
        run = executions.get(run["name"])
    if run["state"] != "SUCCEEDED":
        state = executions.STATUS.get(run["state"], "failed")
        raise InputProblem(f"the run {run['name'].rpartition('/')[2]} of the product {state}")


def _outputs(context: Context, runs: list[Json], block: str) -> list[Any]:
    found: list[Any] = []
    for run in runs:
        name = executions.argument_of(run).get("run") or run["name"].rpartition("/")[2]
        there = Artifacts(
            context.artifacts.bucket, context.spec.project, context.spec.product["pipeline"], name
        )
        (manifest,) = there.manifests([there.prefix(block)])
        if manifest is None:
            raise InputProblem(f"{block} left nothing in the run {name}; have its outputs expired?")
        found += there.outputs(manifest)
    return found
