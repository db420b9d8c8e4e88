"""The process: in front, in the background, twice, killed, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

ROOT = Path(__file__).parents[3]
ANY = ["--port=0", "--grpc-port=0"]


def run(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False, **more
    )


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    if (folder / "emulator.json").exists():
        run("stop", f"--data={folder}")


NOBODY = "postgresql://me:secret-7461@127.0.0.1:1/mine"
PROC = Path("/proc/self/stat").exists()


@dataclass(frozen=True)
class Kept:
    """An emulator that several tests look at, and none changes."""

    data: Path
    spent: float
    """Seconds of processor time until its start returned."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("kept") / "data"
    options = [f"--data={folder}", "--project=my-project", f"--postgres={NOBODY}"]
    started = run("start", "--detach", *options, *ANY)
    assert started.returncode == 0, started.stderr
    try:
        yield Kept(folder, processor(told(folder)["pid"]) if PROC else 0.0)
    finally:
        run("stop", f"--data={folder}")


def processor(pid: int) -> float:
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def told(data: Path) -> dict:
    return json.loads((data / "emulator.json").read_text())


def health(url: str) -> dict:
    with urllib3.PoolManager() as http:
        return http.request("GET", f"{url}/emulator/v1/health").json()


def test_a_detached_emulator_answers_as_soon_as_start_returns(data: Path) -> None:
    started = run("start", "--detach", f"--data={data}", *ANY)
    assert started.returncode == 0, started.stderr
    about = health(told(data)["url"])
    assert about["data"] == str(data)
    assert about["pid"] == told(data)["pid"]
    assert about["project_number"].isdigit()
    status = run("status", f"--data={data}", "--json")
    assert (status.returncode, json.loads(status.stdout)["running"]) == (0, True)
    again = run("start", f"--data={data}", *ANY)
    assert again.returncode == 1
    assert "already runs" in again.stderr
    assert "stop --data" in again.stderr
    assert run("stop", f"--data={data}").returncode == 0
    assert not (data / "emulator.json").exists()
    assert run("status", f"--data={data}").returncode == 1
    assert (data / "emulator.log").read_text() == ""


def test_a_killed_emulator_is_followed_by_a_new_one_with_its_data(data: Path) -> None:
    run("start", "--detach", f"--data={data}", *ANY)
    url = told(data)["url"]
    with urllib3.PoolManager() as http:
        path = f"{url}/v1/projects/blocklift-local/secrets?secretId=kept"
        assert http.request("POST", path, json={"replication": {"automatic": {}}}).status == 200
    os.kill(told(data)["pid"], signal.SIGKILL)
    assert run("start", "--detach", f"--data={data}", *ANY).returncode == 0
    with urllib3.PoolManager() as http:
        path = f"{told(data)['url']}/v1/projects/blocklift-local/secrets/kept"
        assert http.request("GET", path).status == 200


def test_a_taken_port(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("start", "--detach", f"--data={data}", f"--port={port}", "--grpc-port=0")
        assert refused.returncode == 1
        assert f"port {port}" in refused.stderr
        assert "--any-port" in refused.stderr
        started = run("start", "--detach", f"--data={data}", f"--port={port}", "--any-port")
        assert started.returncode == 0, started.stderr
        assert told(data)["url"] != f"http://127.0.0.1:{port}"


def test_an_ephemeral_emulator_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emulator", "start", "--ephemeral", *ANY]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    ) as child:
        assert child.stdout is not None
        assert "emulator at http://" in child.stdout.readline()
        assert list(tmp_path.iterdir())
        child.send_signal(signal.SIGTERM)
        child.wait(20)
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_closed_to_others(kept: Kept) -> None:
    assert kept.data.stat().st_mode & 0o077 == 0


def test_env_prints_exports(data: Path, kept: Kept) -> None:
    refused = run("env", f"--data={data}")
    assert refused.returncode == 1
    assert "start --detach" in refused.stderr
    printed = run("env", f"--data={kept.data}").stdout
    script = f"{printed}\necho $API_ENDPOINT_OVERRIDE $CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN"
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    url = told(kept.data)["url"]
    assert shell.stdout.split() == [url, f"{url}/"]
    assert "GOOGLE_CLOUD_PROJECT=my-project" in printed


def test_usage() -> None:
    wrong = run("dance")
    assert wrong.returncode == 2
    assert "start" in wrong.stderr


@pytest.mark.skipif(not PROC, reason="the kernel does not tell")
def test_the_first_answer_comes_soon(kept: Kept) -> None:
    """The aim is half a second; what counts is its own work, not that of others beside it."""
    assert kept.spent < 2


LOOP = """
- begin: {assign: [{n: 0}]}
- more: {assign: [{n: "${n + 1}"}]}
- again:
    switch: [{condition: "${n < 60000}", next: more}]
- call:
    call: http.get
    args: {url: "https://status.example.com/now"}
    result: answer
- done: {return: ["${n}", "${answer.body.ok}"]}
"""
LOCATION = "projects/blocklift-local/locations/europe-west1"


def executed(url: str, source: str) -> dict:
    """One execution of a new workflow, until it has ended."""
    with urllib3.PoolManager() as http:
        workflows = f"{url}/v1/{LOCATION}/workflows"
        body = {"sourceContents": source}
        http.request("POST", f"{workflows}?workflowId=flow", json=body)
        made = wait(http, f"{workflows}/flow/executions")
        while made["state"] == "ACTIVE":
            made = http.request("GET", f"{url}/v1/{made['name']}").json()
        return made


def wait(http: urllib3.PoolManager, executions: str) -> dict:
    """Deploying is a long-running operation: start as soon as there is something to start."""
    for _ in range(200):
        answer = http.request("POST", executions, json={})
        if answer.status == 200:
            return answer.json()
        time.sleep(0.05)
    raise AssertionError(answer.json())


def test_limits_hold_unless_turned_off_and_hosts_come_from_a_file(data: Path, tmp_path) -> None:
    hosts = tmp_path / "hosts.yaml"
    hosts.write_text("status.example.com: {body: {ok: true}}\n")
    run("start", "--detach", f"--data={data}", f"--hosts={hosts}", *ANY)
    failed = executed(told(data)["url"], LOOP)
    assert failed["state"] == "FAILED"
    assert "ResourceLimitError" in failed["error"]["payload"]
    run("stop", f"--data={data}")
    run("start", "--detach", f"--data={data}", f"--hosts={hosts}", "--limits=off", *ANY)
    done = executed(told(data)["url"], LOOP)
    assert (done["state"], done.get("result")) == ("SUCCEEDED", "[60000,true]")


@pytest.mark.parametrize("given", [True, False], ids=["given", "found in the data"])
def test_a_mistake_in_the_hosts_is_told_before_anything_starts(data: Path, given: bool) -> None:
    data.mkdir()
    (data / "hosts.yaml").write_text("status.example.com: 7\n")
    option = [f"--hosts={data / 'hosts.yaml'}"] if given else []
    refused = run("start", "--detach", f"--data={data}", *option, *ANY)
    assert refused.returncode == 1
    assert "status.example.com: expected a URL" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (data / "emulator.json").exists()


HEAVY = ("duckdb", "fastavro", "numpy", "pandas", "pyarrow")


@pytest.mark.skipif(not PROC, reason="the kernel does not tell")
def test_an_idle_emulator_holds_no_heavy_library(kept: Kept) -> None:
    about = health(told(kept.data)["url"])
    while not health(about["url"])["complete"]:
        time.sleep(0.05)
    host, _, port = about["grpc"].rpartition(":")
    with socket.socket() as probe:
        while probe.connect_ex((host, int(port))):
            time.sleep(0.05)
    loaded = Path(f"/proc/{about['pid']}/maps").read_text()
    assert [name for name in HEAVY if f"/{name}" in loaded] == []


def test_a_postgres_of_ones_own_and_where_its_password_is_not(kept: Kept, tmp_path: Path) -> None:
    data, other = kept.data, tmp_path / "other"
    refused = run("start", "--detach", f"--data={other}", f"--postgres={NOBODY}?sslmode=require")
    assert refused.returncode == 1
    assert "sslmode" in refused.stderr
    told_of = run("postgres", "status", f"--data={data}").stdout
    assert "EXTERNAL" in told_of
    nobody = run("postgres", "start", f"--data={data}")
    assert nobody.returncode == 1
    assert "127.0.0.1" in nobody.stderr
    seen = [told_of, nobody.stderr, refused.stderr, (data / "emulator.log").read_text()]
    seen.append((data / "emulator.json").read_text())
    assert not [text for text in seen if "secret-7461" in text]
    if (cmdline := Path(f"/proc/{told(data)['pid']}/cmdline")).exists():
        assert b"secret-7461" not in cmdline.read_bytes()
