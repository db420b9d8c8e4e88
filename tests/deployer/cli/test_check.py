"""`blocklift check`, as a person and as a program see it."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from deployer.cli.check import check
from tests.deployer.making import SHOP, written

APP = typer.Typer()
APP.command()(check)


def run(*arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit)
    return found.exit_code, found.output


def test_a_sound_project(tmp_path: Path) -> None:
    code, said = run(written(tmp_path, SHOP))
    assert (code, said) == (0, "shop: 1 pipeline, 3 blocks, 0 problems\n")


def test_problems_with_place_and_hint(tmp_path: Path) -> None:
    root = written(tmp_path, SHOP, {"data_loaders/load.py": "x = 1\n"})
    code, said = run(root)
    assert code == 1
    assert f"{root}/data_loaders/load.py:1: block 'load' has no function" in said
    assert "hint: write @data_loader" in said
    assert said.endswith("shop: 1 pipeline, 3 blocks, 1 problem\n")


def test_json(tmp_path: Path) -> None:
    root = written(tmp_path, SHOP, {"data_loaders/load.py": "x = 1\n"})
    code, said = run(root, "--json")
    found = json.loads(said)
    assert code == 1
    assert found["pipelines"][0]["blocks"] == 3
    assert found["problems"][0]["path"] == str(root / "data_loaders/load.py")


def test_no_project(tmp_path: Path) -> None:
    code, said = run(tmp_path)
    assert code == 1
    assert "no Mage project" in said
    assert json.loads(run(tmp_path, "--json")[1])["project"] is None
