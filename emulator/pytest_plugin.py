"""Fixtures for whoever tests code that uses Google Cloud; installing Blocklift brings them.

cloud     one emulator for all tests, on free ports; Google's clients find it by themselves
bucket    a new, empty bucket (google.cloud.storage.Bucket)
dataset   a new, empty dataset (google.cloud.bigquery.Dataset)
postgres  a new, empty schema of a real Postgres
clock     time, when `blocklift_clock` is set: it moves only when a test moves it

Nothing is started, and nothing of Google's imported, before a test asks for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import pytest

PATIENCE = 600
IN_THE_WAY = ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_UNIVERSE_DOMAIN")
"""Would lead clients to the real cloud."""


class CloudError(Exception):
    """The emulator refused what a fixture asked for."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A running emulator."""

    url: str
    grpc: str
    project_id: str
    region: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """JSON in, JSON out; for what Google's clients are too much for."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = Request(self.url + path, data=data, method=method, headers=headers)  # noqa: S310 - ours
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
                return json.loads(answer.read() or b"{}")
        except HTTPError as error:
            raise CloudError(f"{method} {path}: {error.read().decode()}") from None

    def environment(self) -> dict[str, str]:
        """What makes Google's clients find it."""
        from emulator.commands.env import variables

        return variables(self.url, self.project_id, self.grpc)


@dataclass(frozen=True, slots=True)
class Postgres:
    """One schema of the emulator's database, which is the first that names are looked up in."""

    host: str
    port: int
    dbname: str
    user: str
    password: str
    schema: str

    @property
    def options(self) -> str:
        return f"-c search_path={self.schema}"

    @property
    def url(self) -> str:
        """For psycopg, SQLAlchemy and ADBC alike."""
        where = f"{self.host}:{self.port}/{self.dbname}?options={quote(self.options)}"
        return f"postgresql://{quote(self.user)}:{quote(self.password)}@{where}"

    def connect(self) -> Any:
        """A psycopg connection."""
        import psycopg

        return psycopg.connect(self.url)


@dataclass(frozen=True, slots=True)
class Clock:
    """Virtual time: what is due in the meantime has happened when a move returns."""

    cloud: Cloud

    def now(self) -> datetime:
        return datetime.fromisoformat(self.cloud.ask("GET", "/emulator/v1/clock")["now"])

    def advance(self, by: timedelta | float) -> datetime:
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return self._moved({"seconds": seconds})

    def set(self, to: datetime) -> datetime:
        return self._moved({"to": to.isoformat()})

    def _moved(self, how: dict[str, Any]) -> datetime:
        answer = self.cloud.ask("POST", "/emulator/v1/clock:advance", how)
        return datetime.fromisoformat(answer["now"])


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "time of the `cloud` fixture: virtual, or an RFC 3339 time to begin with"
    parser.addini("blocklift_clock", told, default="")


@pytest.fixture(scope="session")
def cloud(pytestconfig: pytest.Config) -> Iterator[Cloud]:
    """An emulator that keeps nothing; the environment leads Google's clients to it."""
    with _running(str(pytestconfig.getini("blocklift_clock"))) as found:
        names = found.environment()
        before = {name: os.environ.get(name) for name in (*names, *IN_THE_WAY)}
        os.environ.update(names)
        for name in IN_THE_WAY:
            os.environ.pop(name, None)
        try:
            yield found
        finally:
            _restore(before)


@contextmanager
def _running(clock: str) -> Iterator[Cloud]:
    words = ["start", "--ephemeral", "--port=0", "--grpc-port=0"]
    words += [f"--clock={clock}"] if clock else []
    child = subprocess.Popen(
        [sys.executable, "-m", "emulator", *words], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        if not line:
            raise CloudError(f"the emulator did not start (exit code {child.wait(30)})")
        url = line.split()[2].rstrip(",")
        told = Cloud(url, "", "", "").ask("GET", "/emulator/v1/health")
        yield Cloud(url, told["grpc"], told["project_id"], told["region"])
    finally:
        child.terminate()
        child.wait(30)
        child.stdout.close()


def _restore(before: dict[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def bucket(cloud: Cloud) -> Iterator[Any]:
    from google.cloud.storage import Client

    client = Client(project=cloud.project_id)
    made = client.create_bucket(f"test-{uuid.uuid4().hex}", location=cloud.region)
    yield made
    for blob in client.list_blobs(made):
        blob.delete()
    made.delete(force=True)
    client.close()


@pytest.fixture
def dataset(cloud: Cloud) -> Iterator[Any]:
    from google.cloud import bigquery

    client = bigquery.Client(project=cloud.project_id)
    made = client.create_dataset(f"test_{uuid.uuid4().hex}")
    yield made
    client.delete_dataset(made, delete_contents=True, not_found_ok=True)
    client.close()


@pytest.fixture
def postgres(cloud: Cloud) -> Iterator[Postgres]:
    found = Postgres(**cloud.ask("POST", "/emulator/v1/postgres:schema", {}))
    yield found
    cloud.ask("POST", "/emulator/v1/postgres:dropSchema", {"schema": found.schema})


@pytest.fixture
def clock(cloud: Cloud) -> Clock:
    if not cloud.ask("GET", "/emulator/v1/clock")["virtual"]:
        pytest.fail("put `blocklift_clock = virtual` into pytest's configuration", pytrace=False)
    return Clock(cloud)
