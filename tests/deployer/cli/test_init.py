"""init, then run: two commands to the first pipeline."""

from __future__ import annotations

from pathlib import Path

from tests.deployer.cli.conftest import Blocklift


def test_a_new_project_runs_at_once(blocklift: Blocklift, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    told = blocklift("init", folder)
    assert told.code == 0
    assert f"blocklift run {folder} daily_weather" in told.out
    run = blocklift("run", folder, "daily_weather", "--json").json
    rows = {block["block"]: block["rows"] for block in run["blocks"]}
    assert run["state"] == "SUCCEEDED"
    assert (rows["days"], rows["warm_weeks"]) == (70, 5)
    assert blocklift("init", folder).code == 2
    blocklift("destroy", folder, "--yes", "--data")
