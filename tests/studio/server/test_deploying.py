"""Plans and deployments of a real local cloud, as the browser asks for them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.server.app import build
from studio.server.guard import Pass
from studio.server.session import Session

TRIGGERS = """triggers:
- {name: dawn, schedule_type: time, schedule_interval: '0 5 * * *', status: active}
"""
TOLD = """notification_config:
  alert_on: [trigger_failure]
  slack_config: {webhook_url: "{{ env_var('HOOK') }}"}
"""


@pytest.fixture
def browser(project: Path) -> Iterator[TestClient]:
    (project / "pipelines/trips/triggers.yaml").write_text(TRIGGERS)
    with (project / "pipelines/trips/metadata.yaml").open("a") as metadata:
        metadata.write(TOLD)
    with (project / ".env").open("a") as env:
        env.write("HOOK=http://127.0.0.1:9/\n")
    door = Pass.on(6789)
    app = build(Session(project), door)
    headers = {"X-Studio-Token": door.token}
    with TestClient(app, base_url="http://127.0.0.1:6789", headers=headers) as client:
        yield client
    stop = [sys.executable, "-m", "emulator", "stop", "--data"]
    subprocess.run([*stop, str(project / ".blocklift/emulator")], check=False)


def test_a_pipeline_that_cannot_be_read_stops_no_other_and_loses_nothing(
    browser: TestClient, project: Path
) -> None:
    browser.post("/api/pipelines", json={"id": "other", "copy_of": "trips"})
    run = browser.post("/api/pipelines/trips/run", json={}).json()
    assert (run["note"], bool(run["run"])) == ("", True)
    place = project / "pipelines/other/metadata.yaml"
    place.write_text("blocks: [")
    browser.put("/api/files/data_loaders/new.py", json={"text": "", "version": ""})
    refused = browser.get("/api/plan")
    assert refused.status_code == 400
    assert "pipelines/other/metadata.yaml" in refused.json()["error"]["message"]
    plan = browser.get("/api/plan?skip_refused=1").json()
    assert list(plan["left_out"]) == ["other"]
    assert plan["counts"]["delete"] == 0
    assert browser.post("/api/pipelines/trips/run", json={}).json()["run"]

    rights = browser.get("/api/rights")
    assert rights.status_code == 400
    place.write_text("blocks: []\nname: other\ntype: python\nuuid: other\n")
    browser.put("/api/files/data_loaders/newer.py", json={"text": "", "version": ""})
    told = {(r["purpose"], r["role"]) for r in browser.get("/api/rights").json()}
    assert ("runs the blocks of trips", "roles/storage.objectUser") in told

    cost = browser.get("/api/cost?runs_per_day=24").json()
    assert cost["currency"] == "USD"
    assert 0 <= cost["pay"] <= cost["full"]
    assert browser.get("/api/cost?runs_per_day=often").status_code == 400

    check_the_list_of_runs(browser)
    check_a_stop_while_it_is_deployed(browser, project)

    hold = "/api/pipelines/trips/holds/dawn"
    assert browser.post(hold, json={"paused": True}).status_code == 200
    clocks = browser.get("/api/project/activity").json()["clocks"]
    assert clocks["trips"]["dawn"] == {"paused": True, "by_hand": True}
    assert browser.post(hold, json={"paused": False}).status_code == 200
    clocks = browser.get("/api/project/activity").json()["clocks"]
    assert clocks["trips"]["dawn"] == {"paused": False, "by_hand": False}
    assert browser.post("/api/pipelines/trips/holds/none", json={}).status_code == 400


def check_the_list_of_runs(browser: TestClient) -> None:
    """A block run by itself is no run of its pipeline; its definition is the deployed one."""
    before = browser.get("/api/runs").json()
    assert len(before) == 2
    browser.post("/api/pipelines/trips/blocks/load/run", json={"upstream": False})
    assert ended(browser)["load"] == "done"
    assert [run["id"] for run in browser.get("/api/runs").json()] == [r["id"] for r in before]
    definition = browser.get("/api/definition/trips").json()["text"]
    assert "a notification could not be sent" in definition


def check_a_stop_while_it_is_deployed(browser: TestClient, project: Path) -> None:
    """What is stopped before it began does not begin."""
    (project / "data_loaders/load.py").write_text(
        "@data_loader\ndef load(*_, **__):\n    return 2\n"
    )
    browser.put("/api/files/data_loaders/newest.py", json={"text": "", "version": ""})
    browser.post("/api/pipelines/trips/blocks/clean/run", json={"upstream": True})
    browser.post("/api/pipelines/trips/blocks/clean/stop", json={})
    assert ended(browser) == {"load": "done", "clean": "pending"}
    browser.post("/api/pipelines/trips/blocks/clean/run", json={"upstream": True})
    assert ended(browser) == {"load": "done", "clean": "done"}


def ended(browser: TestClient) -> dict[str, str]:
    """How the blocks stand once none is run in place."""
    end = time.monotonic() + 60
    while (found := browser.get("/api/runs/trips/studio").json())["state"] == "active":
        assert time.monotonic() < end, "it runs and runs"
        time.sleep(0.05)
    return {block["block"]: block["state"] for block in found["blocks"]}


def test_a_local_cloud_that_was_killed_is_started_again(browser: TestClient, project: Path) -> None:
    assert browser.get("/api/plan").status_code == 200
    place = project / ".blocklift/emulator/emulator.json"
    told = json.loads(place.read_text())
    os.kill(told["pid"], signal.SIGKILL)
    wait_until_gone(int(told["url"].rpartition(":")[2]))
    again = browser.get("/api/plan")
    assert again.status_code == 200, again.text


def wait_until_gone(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError("it still listens")
