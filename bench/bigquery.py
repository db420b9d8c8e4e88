"""BigQuery's emulator through Google's client, beside DuckDB alone on the same file.

A load of 1,000,000 rows (Parquet, lying in a bucket, into a table) and a group-by over them whose
rows come back to Python. DuckDB alone creates a table from the same file in a file of its own, and
fetches the same groups. Aim: at most 3 times. Beside them, what a start and a first query take.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import urllib3
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

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
GROUPS = "SELECT place, day, COUNT(*) AS n, SUM(amount) AS total FROM {} GROUP BY place, day"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as url:
        file = Path(folder) / "trips.parquet"
        duckdb.execute(f"COPY ({MADE}) TO '{file}' (FORMAT parquet)")
        put(url, file)
        client = bigquery.Client(
            project="blocklift-local",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": url},
        )
        first = timed(lambda: client.query_and_wait("SELECT 1"))
        client.create_dataset("d")
        measure(client, Path(folder), file)
        show("the first query of a fresh emulator (opens the warehouse)", first)
        client.close()


def measure(client: bigquery.Client, folder: Path, file: Path) -> None:
    alone = duckdb.connect(str(folder / "alone.duckdb"))
    load, plain_load, query, plain_query = each(
        [
            lambda: timed(lambda: load_by_client(client)),
            lambda: timed(lambda: alone.execute(
                f"CREATE OR REPLACE TABLE t AS FROM '{file}'").fetchall()),
            lambda: timed(lambda: check(query_by_client(client))),
            lambda: timed(lambda: check(alone.execute(GROUPS.format("t")).fetchall())),
        ],
        ROUNDS,
    )  # fmt: skip
    alone.close()
    show(f"DuckDB alone: load of {ROWS:,} rows", plain_load)
    show("load_table_from_uri, to its end", load, plain_load, "(aim 3 ×)")
    show("DuckDB alone: group-by, rows fetched", plain_query)
    show("query_and_wait, rows fetched", query, plain_query, "(aim 3 ×)")


def load_by_client(client: bigquery.Client) -> None:
    config = bigquery.LoadJobConfig(source_format="PARQUET", write_disposition="WRITE_TRUNCATE")
    client.load_table_from_uri("gs://bench/trips.parquet", "d.t", job_config=config).result()


def query_by_client(client: bigquery.Client) -> list[Any]:
    return [tuple(row) for row in client.query_and_wait(GROUPS.format("d.t"))]


def check(rows: list[Any]) -> None:
    if sum(row[2] for row in rows) != ROWS:
        raise RuntimeError("rows are missing")


@contextmanager
def emulator(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]
    child = subprocess.Popen([*command, f"--data={folder / 'cloud'}"], cwd=ROOT,
                             stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdout is not None
    try:
        yield child.stdout.readline().decode().split()[2].rstrip(",")
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
