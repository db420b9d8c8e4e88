"""One local cloud for all stories, driven as a user drives it: commands and HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2 as httpx
import psycopg
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "projects" / "magic-zoomcamp"
CLOUD = "/v1/projects/blocklift-local/locations/europe-west1"
BLOCKLIFT = str(Path(sys.executable).with_name("blocklift"))
PATIENCE = 60.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class World:
    """A running local cloud and the ways into it."""

    url: str
    data: Path
    http: httpx.Client

    def blocklift(self, *words: str | Path, code: int = 0) -> Done:
        """A command, which must end with this exit code and never with a traceback."""
        done = run([BLOCKLIFT, *map(str, words)], self.environment())
        assert done.code == code, f"exit code {done.code}\n{done.said}"
        assert "Traceback (most recent call last)" not in done.err
        return done

    def environment(self) -> dict[str, str]:
        """Nothing of the shell that runs the tests decides where things go."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("POSTGRES_", "GOOGLE_"))}
        return {**kept, "BLOCKLIFT_EMULATOR": self.url, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}

    # -- runs --------------------------------------------------------------------------------

    def execute(self, workflow: str, **variables: Any) -> dict[str, Any]:
        """Start a run through the Executions API and wait for its end."""
        path = f"{CLOUD}/workflows/{workflow}/executions"
        argument = json.dumps({"variables": variables})
        return self.ended(self.post(path, {"argument": argument})["name"])

    def ended(self, name: str) -> dict[str, Any]:
        def over() -> dict[str, Any] | None:
            execution = self.get(f"/v1/{name}")
            return None if execution["state"] in ("ACTIVE", "QUEUED") else execution

        return until(over)

    def newest(self, workflow: str) -> str:
        executions = self.get(f"{CLOUD}/workflows/{workflow}/executions")["executions"]
        return str(max(executions, key=lambda e: e["startTime"])["name"])

    def manifest(self, run: str, project: str, pipeline: str, block: str) -> dict[str, Any]:
        name = f"runs/{project}/{pipeline}/{run}/{block}/manifest.json"
        return dict(json.loads(self.object(f"blocklift-local-blocklift-{project}", name)))

    # -- HTTP --------------------------------------------------------------------------------

    def get(self, path: str, **params: str) -> Any:
        return answered(self.http.get(path, params=params))

    def post(self, path: str, body: Any = None) -> Any:
        return answered(self.http.post(path, json=body or {}))

    # -- what is there -----------------------------------------------------------------------

    def object(self, bucket: str, name: str) -> bytes:
        path = f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
        return self.http.get(path, params={"alt": "media"}).raise_for_status().content

    def objects(self, bucket: str, prefix: str = "") -> list[str]:
        items = self.get(f"/storage/v1/b/{bucket}/o", prefix=prefix, maxResults="1000")
        return [item["name"] for item in items.get("items", [])]

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        to = self.post("/emulator/v1/postgres:start")
        with psycopg.connect(**to) as db:
            return db.execute(query).fetchall()  # type: ignore[arg-type]


def answered(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()


def run(command: list[str], environment: Mapping[str, str]) -> Done:
    done = subprocess.run(
        command, env=dict(environment), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def until(look: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("cloud") / "emulator"
    emulator = [sys.executable, "-m", "emulator"]
    started = run([*emulator, "start", "--detach", "--any-port", "--data", str(data)], os.environ)
    assert started.code == 0, started.said
    url = json.loads((data / "emulator.json").read_text())["url"]
    try:
        with httpx.Client(base_url=url, timeout=PATIENCE) as http:
            yield World(url, data, http)
    finally:
        run([*emulator, "stop", "--data", str(data)], os.environ)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example as it is in the repository: no .env, nothing of earlier runs."""
    copy = tmp_path_factory.mktemp("projects") / EXAMPLE.name
    ours = shutil.ignore_patterns(".env", ".blocklift", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, copy, ignore=ours))


@pytest.fixture(scope="session")
def trips() -> Path:
    """139,370 real trips where they are at hand, else the synthetic sample."""
    near = ROOT.parent / "shared" / "data" / "green_tripdata_2020-q4.parquet"
    named = os.environ.get("BLOCKLIFT_TRIPS")
    if named:
        return Path(named).resolve()
    return near if near.exists() else EXAMPLE / "data" / "green_tripdata_sample.parquet"
