"""BigQuery's emulator through Google's client, beside DuckDB alone on the same file.

The issue's aim, at most 3 times, is for two pairs, marked below: a load of 1,000,000 rows
(Parquet, lying in a bucket, into a table; DuckDB alone makes a table of the same file in a file of
its own), and a group-by over them that gives what a group-by is asked for, 263 rows of one for
each place. DuckDB alone fetches the same groups as tuples, or as a data frame.

Beside them the same with a large answer, 96,000 rows of one for each place and day, for which the
client's own work decides. "The client alone" is that work: the same calls of the same client, with
the emulator's answers replayed from memory. Data frames come over the Storage Read API, as they do
from Google. At the end, what a first query takes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import grpc
import requests
import urllib3
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)
from requests.adapters import HTTPAdapter

from bench.measure import each, show, timed
from bench.world import ROOT

ROUNDS = 5
ROWS = 1_000_000
MADE = f"""
SELECT range AS id, date '2024-01-01' + CAST(range % 365 AS INTEGER) AS day,
       'place ' || range % 263 AS place, CAST(hash(range) % 100000 AS DOUBLE) / 100 AS amount,
       range % 7 AS passengers, timestamp '2024-01-01' + to_seconds(range) AS at
FROM range({ROWS})
"""
SMALL = "SELECT place, COUNT(*) AS n, SUM(amount) AS total FROM {} GROUP BY place"
LARGE = "SELECT place, day, COUNT(*) AS n, SUM(amount) AS total FROM {} GROUP BY place, day"
AIM = "(aim 3 ×)"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as (url, rpc):
        file = Path(folder) / "trips.parquet"
        duckdb.execute(f"COPY ({MADE}) TO '{file}' (FORMAT parquet)")
        put(url, file)
        with grpc.insecure_channel(rpc) as channel:
            pair = Pair(
                client_at(url),
                BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel)),
                duckdb.connect(str(Path(folder) / "alone.duckdb")),
            )
            first = timed(lambda: pair.client.query_and_wait("SELECT 1"))
            pair.client.create_dataset("d")
            measure_loads(pair, file)
            for label, query, aim in (("263 rows", SMALL, AIM), ("96,000 rows", LARGE, "")):
                measure_queries(pair, url, label, query, aim)
            show("the first query of a fresh emulator (opens the warehouse)", first)
            pair.close()


@dataclass(frozen=True, slots=True)
class Pair:
    """Who is measured, and DuckDB alone."""

    client: bigquery.Client
    reader: BigQueryReadClient
    alone: duckdb.DuckDBPyConnection

    def close(self) -> None:
        self.client.close()
        self.alone.close()


def client_at(url: str, http: requests.Session | None = None) -> bigquery.Client:
    return bigquery.Client(
        project="blocklift-local",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": url},
        _http=http,
    )


def measure_loads(pair: Pair, file: Path) -> None:
    made = f"CREATE OR REPLACE TABLE t AS FROM '{file}'"
    load, plain = each(
        [
            lambda: timed(lambda: load_by_client(pair.client)),
            lambda: timed(lambda: pair.alone.execute(made).fetchall()),
        ],
        ROUNDS,
    )
    show(f"DuckDB alone: load of {ROWS:,} rows", plain)
    show("load_table_from_uri, to its end", load, plain, AIM)


def measure_queries(pair: Pair, url: str, label: str, query: str, aim: str) -> None:
    asked, plain = query.format("d.t"), query.format("t")
    replay = Replay(client_rows, asked, url)
    rows, rows_alone, floor, frame, frame_alone = each(
        [
            lambda: timed(lambda: check(client_rows(pair.client, asked))),
            lambda: timed(lambda: check(pair.alone.execute(plain).fetchall())),
            lambda: timed(lambda: check(replay.again())),
            lambda: timed(lambda: client_frame(pair, asked)),
            lambda: timed(lambda: pair.alone.execute(plain).df()),
        ],
        ROUNDS,
    )
    show(f"DuckDB alone: group-by, {label}, fetchall", rows_alone)
    show("query_and_wait, rows as tuples", rows, rows_alone, aim)
    show("of that, the client alone", floor, rows_alone)
    show(f"DuckDB alone: group-by, {label}, df", frame_alone)
    show("query_and_wait, to_dataframe", frame, frame_alone, aim)


def load_by_client(client: bigquery.Client) -> None:
    config = bigquery.LoadJobConfig(source_format="PARQUET", write_disposition="WRITE_TRUNCATE")
    client.load_table_from_uri("gs://bench/trips.parquet", "d.t", job_config=config).result()


def client_rows(client: bigquery.Client, query: str) -> list[Any]:
    return [tuple(row) for row in client.query_and_wait(query)]


def client_frame(pair: Pair, query: str) -> None:
    frame = pair.client.query_and_wait(query).to_dataframe(bqstorage_client=pair.reader)
    if frame["n"].sum() != ROWS:
        raise RuntimeError("rows are missing")


def check(rows: list[Any]) -> None:
    if sum(row[-2] for row in rows) != ROWS:
        raise RuntimeError("rows are missing")


@dataclass(slots=True)
class Replay:
    """A client's calls with the answers that they had once."""

    work: Callable[[bigquery.Client, str], list[Any]]
    query: str
    url: str
    told: list[requests.Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = requests.Session()
        session.mount("http://", _Recording(self.told))
        self.work(client_at(self.url, session), self.query)

    def again(self) -> list[Any]:
        session = requests.Session()
        session.mount("http://", _Replaying(iter(self.told)))
        return self.work(client_at(self.url, session), self.query)


class _Recording(HTTPAdapter):
    def __init__(self, told: list[requests.Response]) -> None:
        super().__init__()
        self._told = told

    def send(self, *request: Any, **given: Any) -> requests.Response:
        answer = super().send(*request, **given)
        answer.content  # noqa: B018 - reads it
        self._told.append(answer)
        return answer


class _Replaying(HTTPAdapter):
    def __init__(self, told: Iterator[requests.Response]) -> None:
        super().__init__()
        self._told = told

    def send(self, *_: Any, **__: Any) -> requests.Response:
        return next(self._told)


@contextmanager
def emulator(folder: Path) -> Iterator[tuple[str, str]]:
    """Its URL, and where its gRPC is."""
    command = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]
    child = subprocess.Popen([*command, f"--data={folder / 'cloud'}"], cwd=ROOT,
                             stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdout is not None
    try:
        url = child.stdout.readline().decode().split()[2].rstrip(",")
        yield url, json.loads((folder / "cloud" / "emulator.json").read_text())["grpc"]
    finally:
        child.terminate()
        child.wait(20)
        child.stdout.close()


def put(url: str, file: Path) -> None:
    http = urllib3.PoolManager()
    bucket = json.dumps({"name": "bench"}).encode()
    http.request("POST", f"{url}/storage/v1/b?project=blocklift-local", body=bucket,
                 headers={"content-type": "application/json"})  # fmt: skip
    path = "/upload/storage/v1/b/bench/o?uploadType=media&name=trips.parquet"
    answer = http.request("POST", url + path, body=file.read_bytes())
    if answer.status != 200:
        raise RuntimeError(answer.data.decode())


if __name__ == "__main__":
    main()
