"""backfill, against the local cloud."""

from __future__ import annotations

from tests.deployer.cli.conftest import Blocklift, Shop

LOAD = """
@data_loader
def load(*args, **kwargs):
    assert kwargs["ds"] != "2024-01-02" or kwargs.get("mended"), "no data of the second"
    seconds = kwargs["interval_seconds"]
    return {"numbers": [seconds, kwargs["interval_end_datetime"].day]}
"""


def test_a_backfill_runs_each_day_once_and_mends_what_failed(
    blocklift: Blocklift, shop: Shop
) -> None:
    shop.block("load", LOAD)
    words = ("backfill", shop, "daily", "--from", "2024-01-01", "--to", "2024-01-03")
    listed = blocklift(*words, "--dry-run").out
    assert listed.count("WAITING") == 3
    first = blocklift(*words, "--at-once", "2")
    assert first.code == 1
    assert "1 run of 3 failed" in first.err
    assert "2024-01-02T00:00:00Z  FAILED" in first.out
    again = blocklift(*words, "-v", "mended=true")
    assert again.code == 0
    assert again.out.count("done before") == 2
    assert "3 runs done" in again.out
    blocklift("destroy", shop, "--yes", "--data")
