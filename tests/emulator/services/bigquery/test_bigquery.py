"""Killed with -9 while it loads and queries: what was acknowledged is there, nothing is half."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
import urllib3
from google.cloud import bigquery

from tests.emulator.services.bigquery.process import PROJECT, Process, client_of, started

ROWS = 20_000
"""Of one load or statement."""


class Work:
    """Loads and statements of numbered batches, one after the other, until the end of it all."""

    def __init__(self, emulator: Process, first: int) -> None:
        self.acknowledged: list[int] = []
        self.asked: list[int] = []
        self.begun = threading.Event()
        self._emulator, self._next = emulator, first
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Work:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _work(self) -> None:
        with client_of(self._emulator.url) as client:
            try:
                while True:
                    self._batch(client, self._next)
                    self._next += 1
            except Exception:  # noqa: BLE001 - whatever a dying server makes of a call
                self._emulator.child.wait(5)  # it is dying, or this fails

    def _batch(self, client: bigquery.Client, number: int) -> None:
        self.asked.append(number)
        if number % 2:
            config = bigquery.LoadJobConfig(source_format="PARQUET")
            client.load_table_from_uri(
                "gs://lake/rows.parquet", f"d.t{number}", job_config=config, retry=None, timeout=10
            ).result(retry=None, timeout=10)
        else:
            client.query_and_wait(
                f"CREATE TABLE d.t{number} AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, {ROWS})) AS x",
                retry=None, job_retry=None, wait_timeout=10,
            )  # fmt: skip
        self.acknowledged.append(number)
        self.begun.set()


def prepare(emulator: Process, folder: Path) -> None:
    file = folder / "rows.parquet"
    duckdb.execute(f"COPY (SELECT range AS x FROM range({ROWS})) TO '{file}' (FORMAT parquet)")
    http = urllib3.PoolManager()
    bucket = f"{emulator.url}/storage/v1/b?project={PROJECT}"
    assert http.request("POST", bucket, json={"name": "lake"}).status == 200
    upload = f"{emulator.url}/upload/storage/v1/b/lake/o?uploadType=media&name=rows.parquet"
    assert http.request("POST", upload, body=file.read_bytes()).status == 200
    http.clear()
    with client_of(emulator.url) as client:
        client.create_dataset("d")


def tables(client: bigquery.Client) -> dict[int, int]:
    """Rows by number."""
    found = {int(t.table_id[1:]): t for t in client.list_tables("d")}
    return {number: client.get_table(t).num_rows for number, t in found.items()}


def jobs_are_done(client: bigquery.Client) -> bool:
    return all(job.state == "DONE" for job in client.list_jobs())


def kills(folder: Path, times: int) -> None:
    chance: Any = random.Random(7)
    kept: list[int] = []
    first = 0
    for turn in range(times):
        with started(folder / "data") as emulator:
            if turn == 0:
                prepare(emulator, folder)
            with Work(emulator, first) as work:
                assert work.begun.wait(20)
                time.sleep(chance.uniform(0.0, 0.3))  # whenever it comes
                emulator.child.kill()
            kept += work.acknowledged
            first = max(work.asked, default=first) + 1
    with started(folder / "data") as emulator, emulator.client() as client:
        found = tables(client)
        deadline = time.monotonic() + 10
        while not jobs_are_done(client):
            assert time.monotonic() < deadline
    assert set(kept) <= set(found), "acknowledged, and not there"
    assert set(found.values()) <= {ROWS}, "half there"
    assert kept, "nothing was ever acknowledged"


@pytest.mark.timeout(60)
def test_two_kills(tmp_path: Path) -> None:
    kills(tmp_path, 2)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fifty_kills(tmp_path: Path) -> None:
    kills(tmp_path, 50)
