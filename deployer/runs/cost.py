"""What a month costs, item by item: what blocks used in past runs × how often they will run.

Nothing of a bill is known to us but its largest parts: time of functions and jobs, workflow
steps, the bucket, schedules, secrets, images. What blocks pay elsewhere (BigQuery, a database,
data that leaves the region) is not in it, and each assumption is said beside the sum.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from deployer.model import BlockId
from deployer.options import Options

Json = Any
DAYS = 30
GIB = 1 << 30
BILLED = 0.1
"""Seconds: Cloud Run bills time in steps of 100 milliseconds."""
GUESS = 5.0
"""Seconds of a block that never ran."""
WRITES, READS = 2, 2
"""Of the bucket, a block: its manifest and an output; its own manifest and an upstream's."""
IMAGE = 0.15
"""GiB of a function's own layers; those of the runtime's base are Google's."""
UNITS = {"": 1 / GIB, "k": 1000 / GIB, "M": 1e6 / GIB, "G": 1e9 / GIB}
UNITS |= {"Ki": 1 / (1 << 20), "Mi": 1 / 1024, "Gi": 1.0}


@dataclass(frozen=True, slots=True)
class Meter:
    """One line of a price list."""

    name: str
    title: str
    unit: str
    price: float
    free: float
    """Per month and billing account."""
    source: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What Google asked for on a date."""

    date: str
    currency: str
    about: str
    meters: tuple[Meter, ...]


@dataclass(frozen=True, slots=True)
class BlockUse:
    """One block of one run."""

    block: BlockId
    options: Options
    seconds: float | None = None
    """Mean of past runs; None if there are none."""
    bytes: float = 0.0
    """Stored for the blocks after it."""
    calls: float = 1.0
    """Dynamic children, retries."""


@dataclass(frozen=True, slots=True)
class PipelineUse:
    """What one pipeline does in a month."""

    name: str
    blocks: tuple[BlockUse, ...]
    runs: float
    """A month."""
    steps: int
    """Of its workflow, a run."""
    schedules: int = 0
    measured: int = 0
    """Past runs that the means are of."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the estimate."""

    meter: Meter
    quantity: float

    @property
    def cost(self) -> float:
        """As if everything were paid for."""
        return self.quantity * self.meter.price

    @property
    def after_free(self) -> float:
        return max(0.0, self.quantity - self.meter.free) * self.meter.price


@dataclass(frozen=True, slots=True)
class Estimate:
    """A month, line by line."""

    items: tuple[Item, ...]
    pipelines: Mapping[str, float]
    """What one run of each costs, beyond all free amounts."""
    notes: tuple[str, ...]
    prices: Prices

    @property
    def total(self) -> float:
        return sum(item.cost for item in self.items)

    @property
    def after_free(self) -> float:
        return sum(item.after_free for item in self.items)

    def to_json(self) -> dict[str, Json]:
        return {
            "currency": self.prices.currency,
            "prices_of": self.prices.date,
            "month": round(self.after_free, 4),
            "month_without_free_amounts": round(self.total, 4),
            "items": [
                {
                    "name": item.meter.name,
                    "quantity": round(item.quantity, 3),
                    "unit": item.meter.unit,
                    "free": item.meter.free,
                    "cost": round(item.after_free, 4),
                    "cost_without_free_amounts": round(item.cost, 4),
                }
                for item in self.items
            ],
            "run": {name: round(cost, 6) for name, cost in self.pipelines.items()},
            "notes": list(self.notes),
        }


@cache
def prices() -> Prices:
    """The price list that comes with this version."""
    found = json.loads((files("deployer.runs") / "prices.json").read_text())
    meters = (Meter(name, **meter) for name, meter in found.pop("meters").items())
    return Prices(**found, meters=tuple(meters))


def estimate(
    pipelines: Sequence[PipelineUse], secrets: int, keep_days: int, listed: Prices | None = None
) -> Estimate:
    """A month of these pipelines in one Google project."""
    listed = listed or prices()
    whole: dict[str, float] = {}
    for pipeline in pipelines:
        for name, amount in of_run(pipeline, keep_days).items():
            whole[name] = whole.get(name, 0.0) + amount * pipeline.runs
    blocks = sum(len(pipeline.blocks) for pipeline in pipelines)
    standing = {
        "schedules": sum(pipeline.schedules for pipeline in pipelines),
        "secrets": secrets,
        "images": blocks * IMAGE,
    }
    amounts = {**whole, **standing}
    items = tuple(Item(meter, amounts.get(meter.name, 0.0)) for meter in listed.meters)
    by_name = {meter.name: meter.price for meter in listed.meters}
    runs = {p.name: priced(of_run(p, keep_days), by_name) for p in pipelines}
    return Estimate(items, runs, tuple(notes(pipelines)), listed)


def priced(amounts: Mapping[str, float], by_name: Mapping[str, float]) -> float:
    return sum(amount * by_name[name] for name, amount in amounts.items())


def of_run(pipeline: PipelineUse, keep_days: int) -> dict[str, float]:
    """Meter → amount of one run."""
    found: dict[str, float] = {"workflow_steps": float(pipeline.steps)}
    for block in pipeline.blocks:
        for name, amount in of_block(block, keep_days).items():
            found[name] = found.get(name, 0.0) + amount
    return found


def of_block(block: BlockUse, keep_days: int) -> dict[str, float]:
    seconds = GUESS if block.seconds is None else block.seconds
    billed = math.ceil(seconds / BILLED) * BILLED * block.calls
    kind = "job" if block.options.job else "function"
    found = {
        f"{kind}_cpu": billed * float(block.options.cpu),
        f"{kind}_memory": billed * gib(block.options.memory),
        "storage": block.bytes * block.calls / GIB * keep_days / DAYS,
        "storage_writes": WRITES * block.calls,
        "storage_reads": READS * block.calls,
    }
    return found if kind == "job" else {**found, "function_requests": block.calls}


def gib(memory: str) -> float:
    """`512Mi`, `2Gi`, `1G` in GiB (Kubernetes quantities, as Cloud Run takes them)."""
    digits = memory.rstrip("KMGTkib")
    return float(digits) * UNITS[memory[len(digits) :]]


def notes(pipelines: Iterable[PipelineUse]) -> Iterator[str]:
    for pipeline in pipelines:
        unseen = [str(use.block) for use in pipeline.blocks if use.seconds is None]
        if unseen:
            guessed = ", ".join(unseen[:5]) + (", …" if len(unseen) > 5 else "")
            yield f"{pipeline.name}: no past run of {guessed}: {GUESS:g} s each assumed"
    yield "not in it: BigQuery, databases, data that leaves the region, logs beyond 50 GiB, builds"
