"""triggers: what is printed starts a run when it is called."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.deployer.cli.conftest import Blocklift, Shop


@pytest.fixture(autouse=True)
def swept(blocklift: Blocklift, shop: Shop):
    yield
    blocklift("destroy", shop, "--yes", "--data")


def post(url: str, body: object) -> dict[str, object]:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def test_both_ways_start_a_run(blocklift: Blocklift, shop: Shop) -> None:
    shop.triggers()
    assert "curl -X POST" in blocklift("deploy", shop).out
    google, mage = blocklift("triggers", shop, "--json").json
    assert mage["trigger"] == "on request"
    for way in (google, mage):
        post(way["url"], way["body"])
    assert len(blocklift("runs", shop, "--json").json) == 2


def test_a_token_is_made_once(blocklift: Blocklift, shop: Shop) -> None:
    shop.triggers()
    blocklift("deploy", shop)
    first = blocklift("triggers", shop, "--json").json[1]["url"]
    assert "nothing to change" in blocklift("deploy", shop).out
    assert blocklift("triggers", shop, "--json").json[1]["url"] == first
