"""`blocklift graph`."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner

from deployer.cli.graph import graph
from tests.deployer.making import SHOP, written

APP = typer.Typer()
APP.command()(graph)


def test_mermaid_and_what_runs_side_by_side(tmp_path: Path) -> None:
    found = CliRunner().invoke(APP, [str(written(tmp_path, SHOP)), "daily"])
    assert found.exit_code == 0
    assert found.output.startswith("flowchart LR\n")
    assert found.output.endswith("%% load\n%% clean\n%% store\n")
