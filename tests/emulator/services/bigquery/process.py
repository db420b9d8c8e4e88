"""Emulators of their own, for tests that end them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

ROOT = Path(__file__).parents[4]
PROJECT = "blocklift-local"
HEAVY = """SELECT SUM(a * b) AS s FROM UNNEST(GENERATE_ARRAY(1, 1000000)) AS a,
UNNEST(GENERATE_ARRAY(1, 1000000)) AS b"""
"""Would take hours."""


@dataclass
class Process:
    child: subprocess.Popen[bytes]
    url: str

    @contextmanager
    def client(self) -> Iterator[bigquery.Client]:
        with client_of(self.url) as made:
            yield made


@contextmanager
def client_of(url: str) -> Iterator[bigquery.Client]:
    made = bigquery.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": url},
    )
    try:
        yield made
    finally:
        made.close()


@contextmanager
def started(data: Path) -> Iterator[Process]:
    """Killed at the end, if it still runs then."""
    log = data.with_suffix(".log")
    command = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]
    with log.open("ab") as output:
        child = subprocess.Popen(
            [*command, f"--data={data}"], stdout=subprocess.PIPE, stderr=output, cwd=ROOT
        )
    assert child.stdout is not None
    try:
        line = child.stdout.readline().decode()
        assert line, log.read_text()
        yield Process(child, line.split()[2].rstrip(","))
    finally:
        child.kill()
        child.wait(10)
        child.stdout.close()
    assert "Traceback" not in log.read_text(), log.read_text()
