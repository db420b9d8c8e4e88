"""The estimate against sums done by hand."""

from __future__ import annotations

import pytest

from deployer.model import BlockId
from deployer.options import Options
from deployer.runs.cost import BlockUse, PipelineUse, estimate, gib, prices

LOAD = BlockUse(BlockId("load"), Options(memory="2Gi"), seconds=1.23, bytes=float(1 << 30))
JOB = BlockUse(BlockId("train"), Options(memory="4Gi", cpu="2", job=True), seconds=3600.0)


def amounts(*blocks: BlockUse, runs: float = 30, **more: int) -> dict[str, float]:
    used = [PipelineUse("daily", blocks, runs, steps=40, **more)]
    return {item.meter.name: item.quantity for item in estimate(used, 8, 7).items}


def test_time_is_billed_in_tenths_of_a_second() -> None:
    found = amounts(LOAD)
    assert found["function_cpu"] == pytest.approx(30 * 1.3)
    assert found["function_memory"] == pytest.approx(30 * 1.3 * 2)
    assert found["function_requests"] == 30
    assert found["workflow_steps"] == 1200


def test_jobs_have_prices_of_their_own_and_no_requests() -> None:
    found = amounts(JOB)
    assert (found["job_cpu"], found["job_memory"]) == (30 * 7200, 30 * 14400)
    assert found["function_requests"] == found["function_cpu"] == 0


def test_runs_are_kept_for_a_week_of_the_month() -> None:
    assert amounts(LOAD)["storage"] == pytest.approx(30 * 7 / 30)


def test_what_stands_costs_without_a_run() -> None:
    found = amounts(LOAD, runs=0, schedules=2)
    assert (found["schedules"], found["secrets"], found["function_cpu"]) == (2, 8, 0)


def test_free_amounts_come_off_once() -> None:
    used = [PipelineUse(name, (JOB,), 100, steps=40) for name in ("one", "two")]
    found = estimate(used, 8, 7)
    cpu = next(item for item in found.items if item.meter.name == "job_cpu")
    assert cpu.cost == pytest.approx(200 * 7200 * 0.000018)
    assert cpu.after_free == pytest.approx((200 * 7200 - 240_000) * 0.000018)
    assert found.after_free < found.total
    assert found.pipelines["one"] * 200 < found.total


def test_guesses_are_said() -> None:
    unseen = BlockUse(BlockId("new"), Options())
    used = [PipelineUse("daily", (unseen, LOAD), 30, steps=40)]
    notes = estimate(used, 0, 7).notes
    assert notes[0] == "daily: no past run of new: 5 s each assumed"
    assert "BigQuery" in notes[-1]


@pytest.mark.parametrize(
    ("memory", "size"),
    [("512Mi", 0.5), ("2Gi", 2), ("1G", 0.931322574615), ("256M", 0.2384185791015625)],
)
def test_sizes_of_memory(memory: str, size: float) -> None:
    assert gib(memory) == pytest.approx(size)


def test_the_price_list_names_its_date_and_sources() -> None:
    listed = prices()
    assert listed.date >= "2025-01-01"
    assert all(meter.price > 0 and meter.source for meter in listed.meters)
