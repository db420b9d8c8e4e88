"""A month in a moment: an emulator whose time is moved by its own command and by HTTP."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from emulator.commands.clock import seconds
from tests.emulator.conftest import PROJECT, ROOT, Emulator

PARENT = f"/v1/projects/{PROJECT}/locations/europe-west1"
NAPPER = """
main:
  params: [args]
  steps:
    - nap:
        call: sys.sleep
        args: {seconds: 5400}
    - give:
        return: ${time.format(sys.now())}
"""


def command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "emulator", *words, "--data", str(data)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def virtual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    data = tmp_path_factory.mktemp("virtual")
    clock = "--clock=2026-01-01T00:00:30Z"
    started = command(data, "start", "--port=0", "--grpc-port=0", "--detach", clock)
    assert started.returncode == 0, started.stderr
    url = json.loads((data / "emulator.json").read_text())["url"]
    http = urllib3.PoolManager()
    yield Emulator(url, data, http)
    http.clear()
    assert command(data, "stop").returncode == 0


def workflow(emulator: Emulator, name: str, source: str) -> str:
    body = {"sourceContents": source}
    assert emulator.post(f"{PARENT}/workflows?workflowId={name}", body).code == 200
    return f"{PARENT}/workflows/{name}"


def executions(emulator: Emulator, name: str) -> list[Any]:
    found = emulator.get(f"{name}/executions?pageSize=1000&view=FULL").json.get("executions", [])
    return sorted(found, key=lambda one: str(one["createTime"]))


def test_a_month_of_nightly_runs(virtual: Emulator) -> None:
    account = virtual.account("clockwork")
    path = f"/v3/projects/{PROJECT}"
    policy = virtual.post(f"{path}:getIamPolicy").json
    policy["bindings"].append(
        {"role": "roles/workflows.invoker", "members": [f"serviceAccount:{account}"]}
    )
    assert virtual.post(f"{path}:setIamPolicy", {"policy": policy}).code == 200
    name = workflow(virtual, "nightly", NAPPER)
    job = {
        "name": f"{PARENT.removeprefix('/v1/')}/jobs/nightly",
        "schedule": "0 3 * * *",
        "httpTarget": {
            "uri": f"https://workflowexecutions.googleapis.com{name}/executions",
            "body": base64.b64encode(b"{}").decode(),
            "oauthToken": {"serviceAccountEmail": account},
        },
    }
    assert virtual.post(f"{PARENT}/jobs", job).code == 200

    began = time.monotonic()
    moved = command(virtual.data, "clock", "advance", "31d")
    took = time.monotonic() - began
    assert moved.stdout.startswith("2026-02-01T00:00:30"), moved.stderr
    assert took < 20, f"{took:.1f} s for a month"

    runs = executions(virtual, name)
    assert [run["createTime"][:13] for run in runs] == [
        f"2026-01-{day:02}T03" for day in range(1, 32)
    ]
    assert {run["state"] for run in runs} == {"SUCCEEDED"}
    assert [json.loads(run["result"])[:16] for run in runs] == [
        f"2026-01-{day:02}T04:30" for day in range(1, 32)
    ]


def test_time_stands_still_in_between(virtual: Emulator) -> None:
    before = virtual.get("/emulator/v1/clock").json
    assert before["virtual"]
    name = workflow(virtual, "waits", NAPPER)
    virtual.post(f"{name}/executions", {})
    (run,) = executions(virtual, name)
    assert run["state"] == "ACTIVE"
    assert virtual.get("/emulator/v1/clock").json == before
    virtual.post("/emulator/v1/clock:advance", {"seconds": 5400})
    (run,) = executions(virtual, name)
    assert run["state"] == "SUCCEEDED"


def test_tokens_run_out(virtual: Emulator) -> None:
    token = virtual.token_of(virtual.account("hourly"))
    path = f"/v1/projects/{PROJECT}/secrets"
    assert virtual.get(path, authorization=token).code == 403
    virtual.post("/emulator/v1/clock:advance", {"seconds": 3700})
    assert virtual.get(path, authorization=token).code == 401


def test_time_goes_on_where_it_stood_and_never_back(virtual: Emulator) -> None:
    back = command(virtual.data, "clock", "set", "2025-01-01T00:00:00Z")
    assert back.returncode == 1
    assert "time does not go back" in back.stderr
    assert "no duration" in command(virtual.data, "clock", "advance", "soon").stderr
    moved = command(virtual.data, "clock", "set", "2026-02-04T00:00:00Z")
    assert moved.stdout.startswith("2026-02-04T00:00:00")
    shown = command(virtual.data, "clock")
    assert shown.stdout == moved.stdout


def test_another_s_time_is_its_own(emulator: Emulator) -> None:
    refused = emulator.post("/emulator/v1/clock:advance", {"seconds": 1})
    assert refused.code == 400
    assert "--clock virtual" in refused.message


def test_durations() -> None:
    assert seconds("90s") == 90
    assert seconds("1d12h") == 129_600


def test_no_time_to_begin_with(tmp_path: Path) -> None:
    refused = command(tmp_path, "start", "--clock", "tomorrow")
    assert refused.returncode == 1
    assert "--clock" in refused.stderr
