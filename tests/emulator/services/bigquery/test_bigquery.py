"""Killed with -9 while it loads, queries, streams and changes rows: what was acknowledged is there,
nothing is half.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import urllib3
from google.cloud import bigquery

from tests.emulator.services.bigquery.process import PROJECT, Process, client_of, started

ROWS = 20_000
"""Of one load or statement."""
FEW = 200
"""Of one streaming insert."""
SERIES = f"UNNEST(GENERATE_ARRAY(1, {ROWS})) AS x"


def loaded(client: bigquery.Client, number: int) -> None:
    config = bigquery.LoadJobConfig(source_format="PARQUET")
    client.load_table_from_uri(
        "gs://lake/rows.parquet", f"d.t{number}", job_config=config, retry=None, timeout=10
    ).result(retry=None, timeout=10)


def created(client: bigquery.Client, number: int) -> None:
    asked(client, f"CREATE TABLE d.t{number} AS SELECT x FROM {SERIES}")


def delivered(client: bigquery.Client, number: int) -> None:
    """A query with a destination."""
    config = bigquery.QueryJobConfig(destination=f"{PROJECT}.d.t{number}")
    job = client.query(f"SELECT x FROM {SERIES}", config, retry=None, timeout=10, job_retry=None)
    job.result(retry=None, timeout=10)


def streamed(client: bigquery.Client, number: int) -> None:
    rows = [{"batch": number, "x": x} for x in range(FEW)]
    assert client.insert_rows_json("d.log", rows, retry=None, timeout=10) == []


def inserted(client: bigquery.Client, number: int) -> None:
    asked(client, f"INSERT INTO d.log (batch, x) SELECT {number}, x FROM {SERIES}")


def updated(client: bigquery.Client, number: int) -> None:
    asked(client, f"UPDATE d.state SET batch = {number} WHERE TRUE")


def asked(client: bigquery.Client, statement: str) -> None:
    client.query_and_wait(statement, retry=None, job_retry=None, wait_timeout=10)


KINDS = (loaded, delivered, streamed, inserted, updated, created)


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
        KINDS[number % len(KINDS)](client, number)
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
        client.query_and_wait("CREATE TABLE d.log (batch INT64, x INT64)")
        client.query_and_wait(f"CREATE TABLE d.state AS SELECT -1 AS batch, x FROM {SERIES}")


def rows_of(client: bigquery.Client) -> dict[int, int]:
    """How many there are of each batch that left its own."""
    names = [t.table_id for t in client.list_tables("d") if t.table_id[1:].isdigit()]
    found = {int(name[1:]): client.get_table(f"d.{name}").num_rows for name in names}
    counted = client.query_and_wait("SELECT batch, COUNT(*) FROM d.log GROUP BY batch")
    return found | dict(tuple(row) for row in counted)


def whole(number: int) -> int:
    return FEW if KINDS[number % len(KINDS)] is streamed else ROWS


def is_update(number: int) -> bool:
    return KINDS[number % len(KINDS)] is updated


def jobs_are_done(client: bigquery.Client) -> bool:
    return all(job.state == "DONE" for job in client.list_jobs())


@dataclass
class Told:
    """What clients asked for, and what of it was acknowledged."""

    asked: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)


def kills(folder: Path, times: int) -> None:
    chance: Any = random.Random(7)
    told = Told()
    for turn in range(times):
        with started(folder / "data") as emulator:
            if turn == 0:
                prepare(emulator, folder)
            check(emulator, told)
            with Work(emulator, max(told.asked, default=-1) + 1) as work:
                assert work.begun.wait(60)
                time.sleep(chance.uniform(0.0, 0.5))  # whenever it comes
                emulator.child.kill()
            told.asked += work.asked
            told.kept += work.acknowledged
    with started(folder / "data") as emulator:
        check(emulator, told)
        print(report(told, emulator, times))


def check(emulator: Process, told: Told) -> None:
    with emulator.client() as client:
        deadline = time.monotonic() + 60  # the warehouse is opened first
        while not jobs_are_done(client):
            assert time.monotonic() < deadline
        found = rows_of(client)
        states = client.query_and_wait("SELECT DISTINCT batch FROM d.state")
        (state,) = (row[0] for row in states)  # two would be an UPDATE that is half there
    ours = {number for number in told.kept if not is_update(number)}
    assert ours <= set(found), "acknowledged, and not there"
    assert set(found) <= set(told.asked), "there, and never asked for"
    assert {n: count for n, count in found.items() if count != whole(n)} == {}, "half there"
    updates = [number for number in told.kept if is_update(number)]
    assert state >= max(updates, default=-1), "acknowledged, and not there"
    assert state in {-1, *told.asked}


def report(told: Told, emulator: Process, times: int) -> str:
    with emulator.client() as client:
        there = len(rows_of(client))
        jobs = list(client.list_jobs(max_results=100_000))
    cut = sum(1 for job in jobs if (job.error_result or {}).get("reason") == "stopped")
    kinds = {kind.__name__: sum(KINDS[n % len(KINDS)] is kind for n in told.kept) for kind in KINDS}
    return (f"{times} kills: {len(told.asked)} batches asked for, {len(told.kept)} acknowledged "
            f"{kinds}, {there} there (updates aside), {cut} jobs cut off")  # fmt: skip


@pytest.mark.timeout(120)
def test_a_kill(tmp_path: Path) -> None:
    kills(tmp_path, 1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_kills(tmp_path: Path) -> None:
    kills(tmp_path, 50)
