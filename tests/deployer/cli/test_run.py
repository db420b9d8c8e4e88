"""run and retry: a pipeline from the command line, well and badly ended."""

from __future__ import annotations

import time

import pytest

from tests.deployer.cli.conftest import Blocklift, Shop

STUBBORN = """
import os
@transformer
def double(data, *args, **kwargs):
    assert os.path.exists(kwargs["flag"]), "no flag yet"
    return {"numbers": data["numbers"]}
"""


@pytest.fixture(autouse=True)
def swept(blocklift: Blocklift, shop: Shop):
    yield
    blocklift("destroy", shop, "--yes", "--data")


def test_run_deploys_by_itself_and_shows_each_block(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("run", shop, "daily")
    assert done.code == 0, done.err
    assert "load: done in" in done.out
    assert "1 test passed" in done.out
    assert done.out.index("load: done") < done.out.index("double: done")
    assert "succeeded after" in done.out


def test_a_second_run_deploys_nothing(blocklift: Blocklift, shop: Shop) -> None:
    blocklift("run", shop, "daily")
    told = blocklift("run", shop, "daily").out
    assert "updated" not in told
    assert "created" not in told


def test_json_is_one_document_with_every_block(blocklift: Blocklift, shop: Shop) -> None:
    told = blocklift("run", shop, "daily", "--var", "rows=5", "--json").json
    assert told["state"] == "SUCCEEDED"
    assert [(b["block"], b["status"], b["tests"]) for b in told["blocks"]] == [
        ("load", "done", 1),
        ("double", "done", 0),
    ]


def test_a_failed_test_says_block_message_place_and_log(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("run", shop, "daily", "-v", "rows=0")
    assert done.code == 1
    assert "block load failed" in done.err
    assert "nothing loaded" in done.err
    assert "data_loaders/load.py:" in done.err
    assert "loading 0" in done.err
    assert "double" not in done.out.split("started")[1]


def test_json_of_a_failed_run_holds_the_failure(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("run", shop, "daily", "-v", "rows=0", "--json")
    assert done.code == 1
    assert done.json["state"] == "FAILED"
    assert done.json["failure"]["block"] == "load"


def test_retry_goes_on_where_the_run_failed(blocklift: Blocklift, shop: Shop) -> None:
    shop.block("double", STUBBORN, "transformers")
    flag = shop.root / "flag"
    failed = blocklift("run", shop, "daily", "-v", f"flag={flag}", "--json")
    assert failed.json["failure"]["block"] == "double"
    flag.touch()
    again = blocklift("retry", shop, failed.json["run"])
    assert again.code == 0, again.err
    logged = blocklift("logs", shop, failed.json["run"], "--block", "load").out
    assert logged.count("loading 3") == 1


def test_no_wait_prints_the_run_and_returns(blocklift: Blocklift, shop: Shop) -> None:
    run = blocklift("run", shop, "daily", "--no-wait", "--json").json["run"]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        (found,) = blocklift("runs", shop, "--json").json
        if found["state"] != "ACTIVE":
            break
    assert (found["run"], found["state"]) == (run, "SUCCEEDED")


@pytest.mark.parametrize("word", ["rows", "=3"])
def test_a_variable_that_is_none_is_wrong_usage(
    blocklift: Blocklift, shop: Shop, word: str
) -> None:
    assert blocklift("run", shop, "daily", "--var", word).code == 2


def test_an_unknown_run_cannot_be_retried(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("retry", shop, "no-such-run")
    assert (done.code, "no run no-such-run" in done.err) == (2, True)
