"""What blocklift.yaml adds to functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.bundle import Bundle, bundle
from deployer.check import check
from deployer.load import load
from tests.deployer.making import SHOP, written


def made(tmp_path: Path, config: str) -> dict[str, Bundle]:
    project = load(written(tmp_path, SHOP, {"blocklift.yaml": config}))
    assert check(project) == ()
    pipeline = project.pipelines[0]
    return {block.id: bundle(project, pipeline, block) for block in pipeline.blocks}


EVERYWHERE = {"load", "clean", "store"}


@pytest.mark.parametrize(
    ("whose", "blocks"),
    [("[TOKEN]", EVERYWHERE), ("{TOKEN: daily}", EVERYWHERE), ("{TOKEN: null}", EVERYWHERE),
     ("{TOKEN: [daily/load, daily/store]}", {"load", "store"})],
)  # fmt: skip
def test_a_secret_is_mounted_where_it_is_asked_for(
    tmp_path: Path, whose: str, blocks: set[str]
) -> None:
    found = made(tmp_path, f"secrets: {whose}\n")
    assert {name for name, one in found.items() if one.settings == ("TOKEN",)} == blocks


@pytest.mark.parametrize(
    ("whose", "blocks"),
    [("[openpyxl==3.1.5]", EVERYWHERE), ("{openpyxl==3.1.5: daily/load}", {"load"})],
)
def test_a_requirement_is_installed_where_it_is_asked_for(
    tmp_path: Path, whose: str, blocks: set[str]
) -> None:
    found = made(tmp_path, f"requirements: {whose}\n")
    assert {n for n, one in found.items() if "openpyxl==3.1.5" in one.requirements} == blocks
    assert b"openpyxl==3.1.5\n" in found["load"].files["requirements.txt"]


def test_a_block_that_does_not_exist_is_named(tmp_path: Path) -> None:
    config = {"blocklift.yaml": "secrets: {TOKEN: [daily, daily/lod]}\n"}
    (problem,) = check(load(written(tmp_path, SHOP, config)))
    assert "secrets names 'daily/lod'" in str(problem)
    assert problem.path.name == "blocklift.yaml"
