"""Running a pipeline once for every interval of a stretch of time, as Mage's backfills do.

The cloud is the memory: a backfill knows its own runs by the trigger name and the execution
date in their arguments. Asked for again, it leaves what succeeded alone, waits for what is
going on, goes on with what failed from the blocks that failed, and starts the rest.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from dateutil.relativedelta import relativedelta

from deployer.errors import UsageError
from deployer.gcp.executions import Execution
from deployer.gcp.failures import Missing
from deployer.model import Pipeline
from deployer.naming import workflow_id
from deployer.target import Polling

Json = Any
MOST = 10_000
"""Runs of one backfill: beyond it is more likely a slip of the pen."""
UNITS = {"second", "minute", "hour", "day", "week", "month", "year"}
SHORT = {"s": "second", "min": "minute", "h": "hour", "d": "day", "w": "week"}
SHORT |= {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
EVERY_HINT = "for example day, 6 hours, 2 weeks, month; or 30min, 12h, 7d"


@dataclass(frozen=True, slots=True)
class Every:
    """How far apart two runs are (Mage: backfills, interval type and units)."""

    unit: str
    count: int = 1

    def after(self, start: datetime, steps: int) -> datetime:
        """`steps` intervals later; a month after the 31st is the next month's last day."""
        return start + relativedelta(**{f"{self.unit}s": self.count * steps})  # type: ignore[arg-type]  # one keyword of several types


@dataclass(frozen=True, slots=True)
class Slot:
    """One interval, and so one run."""

    start: datetime
    end: datetime
    previous: datetime

    @property
    def date(self) -> str:
        return written(self.start)

    @property
    def facts(self) -> dict[str, Json]:
        """What the run's blocks find in their keyword arguments."""
        return {
            "execution_date": self.date,
            "interval_start_datetime": self.date,
            "interval_end_datetime": written(self.end),
            "interval_start_datetime_previous": written(self.previous),
            "interval_seconds": int((self.end - self.start).total_seconds()),
        }


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parsed_every(text: str) -> Every:
    """`day`, `6 hours`, `12h`; UsageError for anything else."""
    found = re.fullmatch(r"\s*(\d*)\s*([a-z]+)\s*", text.lower())
    unit = SHORT.get(found[2], found[2].removesuffix("s")) if found else ""
    count = int(found[1] or 1) if found else 0
    if unit not in UNITS or not count:
        raise UsageError(f"--every {text!r} is no interval", EVERY_HINT)
    return Every(unit, count)


def parsed_date(text: str, option: str) -> datetime:
    """A date or a moment in ISO 8601, in UTC unless it says otherwise, as naive UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        hint = "for example 2024-01-31 or 2024-01-31T06:00"
        raise UsageError(f"{option} {text!r} is no date", hint) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def slots(first: datetime, last: datetime, every: Every) -> tuple[Slot, ...]:
    """Every interval that starts from `first` to `last`, both included, oldest first."""
    if last < first:
        raise UsageError(f"--to {written(last)} is before --from {written(first)}", "swap them")
    made = tuple(islots(first, last, every))
    if len(made) > MOST:
        raise UsageError(f"more than {MOST:,} runs", "a longer interval, or fewer days at a time")
    return made


def islots(first: datetime, last: datetime, every: Every) -> Iterator[Slot]:
    for step in range(MOST + 1):
        start = every.after(first, step)
        if start > last:
            return
        yield Slot(start, every.after(first, step + 1), every.after(first, step - 1))


def name_of(pipeline: Pipeline, every: Every) -> str:
    """A backfill of the same pipeline at the same step is the same backfill."""
    return f"Backfill {pipeline.id} every {every.count} {every.unit}"


@dataclass(frozen=True, slots=True)
class SlotState:
    """How one interval's run is doing."""

    slot: Slot
    state: str
    """SUCCEEDED, SKIPPED, FAILED, CANCELLED, ACTIVE, or WAITING: not started yet."""
    run: str = ""
    seconds: float = 0.0
    earlier: bool = False
    """Nothing had to be done for it this time."""

    @property
    def over(self) -> bool:
        return self.state not in {"ACTIVE", "WAITING", "QUEUED"}


class RunsExecutions(Protocol):
    """What a backfill needs of the Executions API."""

    def start(self, workflow: str, argument: Mapping[str, Json]) -> Execution: ...

    def get(self, workflow: str, run: str) -> Execution: ...

    def all(self, workflow: str) -> Iterator[Execution]: ...


@dataclass(slots=True)
class Backfill:
    """One pipeline over many intervals, so many of them side by side."""

    pipeline: Pipeline
    slots: Sequence[Slot]
    name: str
    executions: RunsExecutions
    polling: Polling
    variables: Mapping[str, Json] = field(default_factory=dict)
    at_once: int = 1
    sleep: Callable[[float], None] = time.sleep

    @property
    def workflow(self) -> str:
        return workflow_id(self.pipeline)

    def states(self) -> list[SlotState]:
        """What is known before anything is done: the latest run of each interval."""
        latest = self.latest()
        return [state_of(slot, latest.get(slot.date), earlier=True) for slot in self.slots]

    def latest(self) -> dict[str, Execution]:
        """Execution date → newest run of this backfill."""
        found: dict[str, Execution] = {}
        with suppress(Missing):  # not deployed yet
            for execution in self.executions.all(self.workflow):
                trigger = execution.argument.get("trigger") or {}
                if trigger.get("name") == self.name:
                    found.setdefault(str(trigger.get("execution_date")), execution)
        return found

    def perform(self) -> Iterator[SlotState]:
        """Every change of state, until the last run is over."""
        known = self.states()
        yield from (state for state in known if state.state == "SUCCEEDED")
        going = {state.slot: state for state in known if not state.over and state.run}
        waiting = [s for s in known if s.state != "SUCCEEDED" and s.slot not in going]
        delay = self.polling.first
        while waiting or going:
            yield from self.begin(waiting, going)
            news = list(self.look(going))
            yield from news
            delay = self.polling.first if news else min(delay * 1.3, self.polling.longest)
            if going:
                self.sleep(delay)

    def begin(self, waiting: list[SlotState], going: dict[Slot, SlotState]) -> Iterator[SlotState]:
        while waiting and len(going) < self.at_once:
            old = waiting.pop(0)
            execution = self.executions.start(self.workflow, self.argument(old))
            going[old.slot] = state_of(old.slot, execution)
            yield going[old.slot]

    def look(self, going: dict[Slot, SlotState]) -> Iterator[SlotState]:
        for slot, old in list(going.items()):
            state = state_of(slot, self.executions.get(self.workflow, old.run))
            if state.over:
                del going[slot]
                yield state

    def argument(self, old: SlotState) -> dict[str, Json]:
        """A failed run is gone on with: its finished blocks answer from what they left."""
        trigger = {"name": self.name, "type": "backfill", **old.slot.facts}
        again = {"run": self.first_run(old.run)} if old.run else {}
        return {"variables": dict(self.variables), "trigger": trigger, **again}

    def first_run(self, run: str) -> str:
        """The run under whose id the blocks' outputs lie."""
        return str(self.executions.get(self.workflow, run).argument.get("run") or run)


def state_of(slot: Slot, execution: Execution | None, earlier: bool = False) -> SlotState:
    if execution is None:
        return SlotState(slot, "WAITING")
    return SlotState(slot, execution.outcome, execution.id, execution.duration, earlier)
