"""How often a schedule ticks in a month of thirty days."""

from __future__ import annotations

import pytest

from deployer.runs.usage import ticks


@pytest.mark.parametrize(
    ("schedule", "times"),
    [("0 * * * *", 720), ("*/15 * * * *", 2880), ("0 6 1 * *", 1), ("0 6 * * 1-5", 20)],
)
def test_ticks(schedule: str, times: float) -> None:
    assert ticks(schedule) == times
