"""triggers: what is printed starts a run when it is called."""

from __future__ import annotations

import json
import time
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


SCHEDULED = """
triggers:
- name: every minute
  schedule_type: time
  schedule_interval: "* * * * *"
  status: active
  variables: {rows: 4}
- name: not yet
  schedule_type: time
  schedule_interval: "@daily"
  status: inactive
"""
CLOCKED = """
from datetime import datetime, timedelta

@data_loader
def load(*args, **kwargs):
    start, end = kwargs["interval_start_datetime"], kwargs["interval_end_datetime"]
    assert isinstance(start, datetime), start
    assert kwargs["execution_date"] == start
    assert end - start == timedelta(seconds=kwargs["interval_seconds"]) == timedelta(minutes=1)
    assert kwargs["interval_start_datetime_previous"] == start - timedelta(minutes=1)
    assert start.second == 0
    assert kwargs["rows"] == 4
    return {"numbers": list(range(kwargs["rows"]))}
"""
JOBS = "/v1/projects/blocklift-local/locations/europe-west1/jobs"


def test_a_schedule_starts_runs_that_know_their_interval(
    blocklift: Blocklift, shop: Shop, emulator: str
) -> None:
    shop.triggers(SCHEDULED)
    shop.block("load", CLOCKED)
    assert "schedule daily/every minute created" in blocklift("deploy", shop).out
    assert "nothing to change" in blocklift("deploy", shop).out
    jobs = {job["name"].split("/")[-1]: job for job in get(f"{emulator}{JOBS}")["jobs"]}
    assert jobs["daily-every-minute"]["state"] == "ENABLED"
    assert jobs["daily-not-yet"]["state"] == "PAUSED"
    post(f"{emulator}{JOBS}/daily-every-minute:run", {})
    deadline = time.monotonic() + 60
    while not (runs := ended_runs(blocklift, shop)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert {run["state"] for run in runs} == {"SUCCEEDED"}
    shop.triggers(SCHEDULED.replace("every minute", "at times"))
    told = blocklift("deploy", shop).out
    assert "schedule daily-every-minute deleted" in told
    assert "schedule daily/at times created" in told
    blocklift("destroy", shop, "--yes")
    assert "daily" not in str(get(f"{emulator}{JOBS}"))


def ended_runs(blocklift: Blocklift, shop: Shop) -> list[dict[str, str]]:
    runs = blocklift("runs", shop, "--json").json
    return [run for run in runs if run["state"] not in {"ACTIVE", "QUEUED"}]


def get(url: str) -> dict[str, list[dict[str, str]]]:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return dict(json.load(answer))
