"""Global data products: what a block is told of one, and what can be wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.bundle import bundle, spec
from deployer.check import check
from deployer.load import load
from deployer.model import Project
from tests.deployer.making import LOADER, SHOP, written

PRODUCTS = """
    sales:
      object_type: pipeline
      object_uuid: daily
      outdated_after: {seconds: 60}
      settings:
        clean: {partitions: 2}
        store:
"""
USING = """
    blocks:
    - uuid: sales_today
      type: global_data_product
      upstream_blocks: []
      configuration: {global_data_product: {uuid: sales}}
    - {uuid: load, type: data_loader, upstream_blocks: [sales_today]}
"""


def made(tmp_path: Path, products: str = PRODUCTS, using: str = USING) -> Project:
    files = {"global_data_products.yaml": products, "pipelines/using/metadata.yaml": using}
    return load(written(tmp_path, SHOP, files, {"data_loaders/load.py": LOADER}))


def test_a_function_is_told_what_makes_the_product_and_when(tmp_path: Path) -> None:
    project = made(tmp_path)
    assert check(project) == ()
    using = project.pipelines[1]
    told = spec(project, using, using.blocks[0])
    assert told.product == {
        "uuid": "sales",
        "pipeline": "daily",
        "blocks": {"clean": 2, "store": 1},
        "outdated_after": {"seconds": 60},
        "outdated_starting_at": {},
    }
    assert told.workflows == {"daily": "daily"}
    assert "project/shop/global_data_products.yaml" in bundle(project, using, using.blocks[0]).files


def test_a_block_may_ask_for_it_differently(tmp_path: Path) -> None:
    other = USING.replace("uuid: sales}", "uuid: sales, outdated_after: {weeks: 1}}")
    project = made(tmp_path, using=other)
    using = project.pipelines[1]
    assert spec(project, using, using.blocks[0]).product["outdated_after"] == {"weeks": 1}


MISTAKES = {
    "names no product": (PRODUCTS.replace("sales:", "seles:"), "did you mean 'seles'"),
    "of a block": (PRODUCTS.replace("type: pipeline", "type: block"), "only pipelines"),
    "no such pipeline": (PRODUCTS.replace("daily", "dayly"), "unknown pipeline 'dayly'"),
    "no such block": (PRODUCTS.replace("clean:", "cleen:"), "'cleen', no block of daily"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_product_that_cannot_be_made_is_a_problem_of_the_block(tmp_path: Path, name: str) -> None:
    products, said = MISTAKES[name]
    (problem,) = check(made(tmp_path, products))
    assert said in str(problem)
    assert (problem.path.parent.name, problem.line) == ("using", 2)
