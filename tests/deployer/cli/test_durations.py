"""durations, from runs of the local cloud."""

from __future__ import annotations

from tests.deployer.cli.conftest import Blocklift, Shop


def test_past_runs_are_learnt_once(blocklift: Blocklift, shop: Shop) -> None:
    assert "no past run that succeeded" in blocklift("durations", shop).out
    blocklift("run", shop, "daily")
    assert "written: deploy to use it" in blocklift("durations", shop, "daily").out
    file = shop.root / "pipelines" / "daily" / "durations.yaml"
    assert '"load": ' in file.read_text()
    found = blocklift("durations", shop, "--json").json["daily"]
    assert set(found["seconds"]) == {"load", "double"}
    assert found["changed"] is False
    blocklift("deploy", shop, "--yes")
    assert blocklift("plan", shop, "--exit-code").code == 0
    blocklift("destroy", shop, "--yes", "--data")
