"""One really running emulator for all tests here, and a plain client to talk to it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

ROOT = Path(__file__).parents[2]
PROJECT = "blocklift-local"
_numbers = itertools.count()


@dataclass(frozen=True)
class Reply:
    code: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["error"]["message"])


@dataclass(frozen=True)
class Emulator:
    url: str
    data: Path
    http: urllib3.PoolManager

    def call(self, method: str, path: str, body: Any = None, /, **headers: str) -> Reply:
        """JSON or bytes in; header names with `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if body is not None and not isinstance(body, bytes):
            sent.setdefault("content-type", "application/json")
        answer = self.http.request(
            method, self.url + path, body=raw, headers=sent, redirect=False, retries=False
        )
        return Reply(answer.status, answer.data, dict(answer.headers))

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.call("POST", path, body, **headers)

    def account(self, name: str) -> str:
        """A service account of its own for one test."""
        made = self.post(f"/v1/projects/{PROJECT}/serviceAccounts", {"accountId": name})
        assert made.code in (200, 409), made.body
        return f"{name}@{PROJECT}.iam.gserviceaccount.com"

    def token_of(self, account: str) -> str:
        """`Authorization` of a service account."""
        path = f"/v1/projects/-/serviceAccounts/{account}:generateAccessToken"
        made = self.post(path, {"scope": ["https://www.googleapis.com/auth/cloud-platform"]})
        return f"Bearer {made.json['accessToken']}"


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    data = tmp_path_factory.mktemp("emulator")
    log = data.with_suffix(".log")
    command = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]
    with log.open("wb") as output:
        child = subprocess.Popen(
            [*command, f"--data={data}", "--check-answers"],
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=ROOT,
        )
    assert child.stdout is not None
    line = child.stdout.readline().decode()
    assert line, log.read_text()
    http = urllib3.PoolManager(maxsize=32)
    yield Emulator(line.split()[2].rstrip(","), data, http)
    http.clear()
    child.terminate()
    child.wait(20)
    child.stdout.close()
    told = log.read_text()
    assert "Traceback" not in told, told


@pytest.fixture
def fresh_name() -> str:
    """A name that no other test of this run has."""
    return f"test-{next(_numbers)}"


@pytest.fixture
def bucket(emulator: Emulator, fresh_name: str) -> str:
    """A bucket with uniform access, as Blocklift makes them."""
    made = emulator.post(
        f"/storage/v1/b?project={PROJECT}",
        {
            "name": fresh_name,
            "location": "europe-west1",
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
        },
    )
    assert made.code == 200, made.body
    return fresh_name
