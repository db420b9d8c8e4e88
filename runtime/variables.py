"""The keyword arguments that Mage gives a block in a scheduled run.

From lowest to highest: the pipeline's variables, those of trigger and run, the event's (only
where the name is free), then the system's, which always win; `env` is "prod" in every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from runtime.contract import BlockRequest, BlockSpec

INTERVALS = (
    "interval_start_datetime",
    "interval_end_datetime",
    "interval_start_datetime_previous",
)


def keyword_arguments(
    spec: BlockSpec,
    request: BlockRequest,
    repo_path: str,
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A fresh dict for one call; `stored` are variables that code set while running."""
    kwargs = {**spec.variables, **(stored or {}), **request.variables}
    event = request.trigger.get("event") or {}
    for name, value in event.items():
        kwargs.setdefault(name, value)
    kwargs.update(run_facts(request))
    kwargs.update(
        configuration=dict(spec.configuration),
        context={},
        event=event,
        pipeline_uuid=spec.pipeline,
        block_uuid=spec.block,
        repo_path=repo_path,
    )
    return kwargs


def run_facts(request: BlockRequest) -> dict[str, Any]:
    """What the system says of the run, under Mage's names."""
    trigger = request.trigger
    date = execution_date(trigger)
    facts = {
        "env": trigger.get("env") or "prod",
        "execution_date": date,
        "ds": date.strftime("%Y-%m-%d"),
        "hr": date.strftime("%H"),
        "execution_partition": _partition(trigger, date),
        "pipeline_run_id": request.run,
        "trigger_name": trigger.get("name"),
        "retry": {"attempts": request.attempt},
    }
    facts.update({name: _moment(trigger[name]) for name in INTERVALS if name in trigger})
    if "interval_seconds" in trigger:
        facts["interval_seconds"] = trigger["interval_seconds"]
    return facts


def execution_date(trigger: Mapping[str, Any]) -> datetime:
    """Naive, in UTC, as Mage gives it; now when nothing says otherwise."""
    return _moment(trigger.get("execution_date")) or datetime.now(UTC).replace(tzinfo=None)


def _moment(text: Any) -> datetime | None:
    if not text:
        return None
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _partition(trigger: Mapping[str, Any], date: datetime) -> str:
    """`<trigger id>/<time>`; runs started by API or code carry microseconds too."""
    if given := trigger.get("execution_partition"):
        return str(given)
    precise = "_%f" if date.microsecond else ""
    return f"{trigger.get('id', 0)}/{date.strftime(f'%Y%m%dT%H%M%S{precise}')}"
