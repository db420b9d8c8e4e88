"""How many runs, how many blocks, how long: limits of pipelines and their triggers.

Mage's scheduler holds them. Here the workflow does: its first steps look at its own active
executions, and every call knows the moment by which the run must have ended (Mage:
"Concurrency", "Triggers").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from deployer.model import Pipeline, Trigger

DAY = 86_400
SKIP, WAIT = "skip", "wait"
CANCELLED = "cancelled"
LOOKS = "roles/workflows.viewer"
ENDS = "roles/workflows.invoker"
"""The smallest role that may cancel executions; it may also look at them."""
ONCE = "@once"


def told(pipeline: Pipeline, trigger: Trigger) -> dict[str, Any]:
    """What a run's argument says of its trigger's limits; only those that are set."""
    settings = trigger.settings
    found: dict[str, Any] = {}
    if settings.get("skip_if_previous_running"):
        found |= {"run_limit": 1, "over_limit": SKIP}
    elif limit := _run_limit(pipeline, trigger):
        found |= {"run_limit": limit, "over_limit": over_limit(pipeline)}
    if seconds := positive(settings.get("timeout")):
        found["timeout"] = seconds
        if settings.get("timeout_status") == CANCELLED:
            found["timeout_status"] = CANCELLED
    return found | dict(_times(trigger))


def _times(trigger: Trigger) -> Iterator[tuple[str, Any]]:
    """Seconds since the epoch; a trigger that fires once knows its date beforehand."""
    start = beginning(trigger)
    if start is None:
        return
    yield "not_before", int(start.timestamp())
    if trigger.interval == ONCE:
        yield "not_after", int(start.timestamp()) + DAY
        yield from dict.fromkeys(
            ("execution_date", "interval_start_datetime"), start.isoformat()
        ).items()
        names = ("interval_end_datetime", "interval_start_datetime_previous", "interval_seconds")
        yield from dict.fromkeys(names).items()


def beginning(trigger: Trigger) -> datetime | None:
    """A time trigger's start_time in UTC; that of `@once` to the minute, as clocks tick."""
    if trigger.kind != "time" or not trigger.start_time:
        return None
    try:
        moment = datetime.fromisoformat(trigger.start_time)
    except ValueError:
        return None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(second=0, microsecond=0) if trigger.interval == ONCE else moment


def _run_limit(pipeline: Pipeline, trigger: Trigger) -> int | None:
    own = positive(trigger.settings.get("pipeline_run_limit"))
    return own or positive(_concurrency(pipeline).get("pipeline_run_limit"))


def over_limit(pipeline: Pipeline) -> str:
    """What becomes of a run too many."""
    skips = _concurrency(pipeline).get("on_pipeline_run_limit_reached") == SKIP
    return SKIP if skips else WAIT


def all_runs(pipeline: Pipeline) -> int | None:
    """Of the pipeline at once, whatever started them."""
    return positive(_concurrency(pipeline).get("pipeline_run_limit_all_triggers"))


def blocks_at_once(pipeline: Pipeline) -> int | None:
    return positive(_concurrency(pipeline).get("block_run_limit"))


def takes_turns(pipeline: Pipeline) -> bool:
    """Whether some run must look at the others before it begins."""
    return any("run_limit" in told(pipeline, t) for t in pipeline.triggers)


def may_be_late(pipeline: Pipeline) -> bool:
    return any("timeout" in told(pipeline, t) for t in pipeline.triggers)


def role(pipeline: Pipeline) -> tuple[str, str] | None:
    """What its workflow's account needs for that, and why."""
    if any(told(pipeline, t).get("timeout_status") for t in pipeline.triggers):
        return ENDS, "cancels its own runs that take too long"
    if takes_turns(pipeline) or all_runs(pipeline):
        return LOOKS, "counts its own runs before it begins"
    return None


def positive(value: Any) -> int | None:
    """Whole numbers from 1; Mage takes them as texts too."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        return None
    return number if number > 0 and not isinstance(value, bool) else None


def _concurrency(pipeline: Pipeline) -> Mapping[str, Any]:
    written = pipeline.settings.get("concurrency_config")
    return written if isinstance(written, Mapping) else {}
