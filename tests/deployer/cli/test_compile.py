"""`blocklift compile`."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner

from deployer.cli.compile import compile as compile_verb
from deployer.errors import UsageError
from emulator.workflows.parse import parse
from tests.deployer.making import SHOP, written

APP = typer.Typer()
APP.command()(compile_verb)


def test_prints_or_writes_the_same_definition(tmp_path: Path) -> None:
    root, output = written(tmp_path, SHOP), tmp_path / "daily.yaml"
    printed = CliRunner().invoke(APP, [str(root), "daily"])
    assert printed.exit_code == 0
    parse(printed.output)
    CliRunner().invoke(APP, [str(root), "daily", "-o", str(output)])
    assert output.read_text() == printed.output


def test_an_unknown_pipeline_is_wrong_usage(tmp_path: Path) -> None:
    found = CliRunner().invoke(APP, [str(written(tmp_path, SHOP)), "other"])
    assert isinstance(found.exception, UsageError)
