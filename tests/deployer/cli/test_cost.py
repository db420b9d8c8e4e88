"""cost, from runs of the local cloud."""

from __future__ import annotations

from tests.deployer.cli.conftest import Blocklift, Shop


def test_past_runs_become_a_month(blocklift: Blocklift, shop: Shop) -> None:
    assert "no past run of load, double: 5 s each assumed" in blocklift("cost", shop).out
    blocklift("run", shop, "daily")
    found = blocklift("cost", shop, "--runs-per-day", "100", "--json").json
    items = {item["name"]: item for item in found["items"]}
    assert items["function_requests"]["quantity"] == 6000
    assert 0 < items["function_cpu"]["quantity"] < 6000 * 5
    assert found["run"]["daily"] > 0
    assert found["month_without_free_amounts"] > found["month"]
    told = blocklift("cost", shop, "--runs-per-day", "100").out
    assert "mean of 1 past run" in told
    assert "workflows: internal steps" in told
    blocklift("destroy", shop, "--yes", "--data")
