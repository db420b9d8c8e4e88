"""The start check of `deploy`, on a real emulator."""

from __future__ import annotations

import pytest

from tests.deployer.cli.conftest import LOAD, Blocklift, Shop


@pytest.fixture(autouse=True)
def swept(blocklift: Blocklift, shop: Shop):
    yield
    blocklift("destroy", shop, "--yes", "--data")


def test_a_bundle_that_does_not_start_is_not_uploaded(blocklift: Blocklift, shop: Shop) -> None:
    shop.block("load", "from json import nowhere\n" + LOAD)
    done = blocklift("deploy", shop, "--start-check")
    assert done.code == 1
    assert "data_loaders/load.py:1: ImportError" in done.err
    assert blocklift("plan", shop, "--json").json["would_change"]

    shop.block("load", LOAD)
    assert "2 bundles started here" in blocklift("deploy", shop, "--start-check").out
    shop.block("load", LOAD + "\n# changed\n")
    assert "1 bundle started here" in blocklift("deploy", shop, "--start-check").out


def test_the_local_cloud_starts_them_by_itself(blocklift: Blocklift, shop: Shop) -> None:
    assert "started here" not in blocklift("deploy", shop).out
