"""secrets list and push."""

from __future__ import annotations

import pytest

from tests.deployer.cli.conftest import PIPELINE, Blocklift, Shop, write

READER = 'import os\n@data_loader\ndef load():\n    return {"k": os.environ.get("API_KEY")}\n'


@pytest.fixture
def keyed(blocklift: Blocklift, shop: Shop):
    shop.block("load", READER)
    shop.pipeline("\n".join(PIPELINE.splitlines()[:-1]))
    yield shop
    blocklift("destroy", shop, "--yes", "--data")


def test_a_setting_is_listed_with_where_its_value_is(blocklift: Blocklift, keyed: Shop) -> None:
    assert "API_KEY" in (told := blocklift("secrets", "list", keyed).out)
    assert "has no value" in told
    write(keyed.root / ".env", "API_KEY=s3cret-value\n")
    assert "has a value here only" in blocklift("secrets", "list", keyed).out
    pushed = blocklift("secrets", "push", keyed)
    assert pushed.code == 0, pushed.err
    assert "s3cret-value" not in pushed.out
    assert blocklift("secrets", "list", keyed, "--json").json == [
        {"setting": "API_KEY", "here": True, "in_target": True}
    ]
    assert "there already" in blocklift("secrets", "push", keyed).out
