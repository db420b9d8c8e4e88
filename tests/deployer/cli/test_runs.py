"""runs and logs: the past of a pipeline."""

from __future__ import annotations

import pytest

from tests.deployer.cli.conftest import Blocklift, Shop


@pytest.fixture(autouse=True)
def swept(blocklift: Blocklift, shop: Shop):
    yield
    blocklift("destroy", shop, "--yes", "--data")


def test_runs_are_listed_newest_first(blocklift: Blocklift, shop: Shop) -> None:
    assert "no runs yet" in blocklift("runs", shop).out
    good = blocklift("run", shop, "daily", "--json").json["run"]
    bad = blocklift("run", shop, "daily", "-v", "rows=0", "--json").json["run"]
    found = blocklift("runs", shop, "--json").json
    assert [(r["run"], r["state"]) for r in found] == [(bad, "FAILED"), (good, "SUCCEEDED")]
    assert found[0]["variables"] == {"rows": 0}
    assert len(blocklift("runs", shop, "-n", "1", "--json").json) == 1
    assert bad in blocklift("runs", shop).out


def test_logs_by_block_severity_and_followed(blocklift: Blocklift, shop: Shop) -> None:
    run = blocklift("run", shop, "daily", "-v", "rows=0", "--json").json["run"]
    assert "loading 0" in blocklift("logs", shop, run).out
    assert blocklift("logs", shop, run, "--block", "double").out == ""
    errors = blocklift("logs", shop, run, "--severity", "error", "--follow").out
    assert "nothing loaded" in errors
    assert "loading 0" not in errors
    assert blocklift("logs", shop, "no-such-run").code == 2
    assert blocklift("logs", shop, run, "--severity", "loud").code == 2
