"""BigQuery's rows: `google.cloud.bigquery`, its dbapi, pandas-gbq."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    MethodNotImplemented,
    NotFound,
    PreconditionFailed,
)
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery import dbapi
from google.oauth2.credentials import Credentials

from emulator.commands.env import transparent, variables
from tests.emulator.conformance.rows import PROJECT, Place, Rows

ROWS = Rows("BigQuery")


@contextmanager
def client(place: Place, token: str = "") -> Iterator[bigquery.Client]:
    """The owner's, or that of who has `token` (as an Authorization header has it)."""
    made = bigquery.Client(
        project=PROJECT,
        credentials=Credentials(token.rsplit(maxsplit=1)[-1]) if token else AnonymousCredentials(),
        client_options={"api_endpoint": place.url},
    )
    try:
        yield made
    finally:
        made.close()


def dataset(made: bigquery.Client, place: Place) -> str:
    name = place.name.replace("-", "_")
    made.create_dataset(name)
    return name


@ROWS.works("Client.create_dataset, get_dataset, list_datasets, delete_dataset")
def _(place: Place) -> None:
    with client(place) as made:
        name = dataset(made, place)
        assert made.get_dataset(name).dataset_id == name
        assert name in [one.dataset_id for one in made.list_datasets()]
        made.delete_dataset(name)
        assert name not in [one.dataset_id for one in made.list_datasets()]


@ROWS.refuses("Client.create_dataset of one that is there", Conflict)
def _(place: Place) -> None:
    with client(place) as made:
        dataset(made, place)
        dataset(made, place)


@ROWS.refuses("Client.delete_dataset of one that holds tables", BadRequest)
def _(place: Place) -> None:
    with client(place) as made:
        name = dataset(made, place)
        made.query_and_wait(f"CREATE TABLE {name}.t AS SELECT 1 AS a")
        made.delete_dataset(name)


@ROWS.refuses("Client.get_table of one that is not there", NotFound)
def _(place: Place) -> None:
    with client(place) as made:
        made.get_table(f"{dataset(made, place)}.nope")


@ROWS.refuses("Client.query with a mistake", BadRequest)
def _(place: Place) -> None:
    with client(place) as made:
        made.query("SELECT x FROM (SELECT 1 AS y)").result()


@ROWS.refuses("Client.query of a table that is not the caller's to read", Forbidden)
def _(place: Place) -> None:
    token = place.emulator.token_of(place.emulator.account(place.name))
    with client(place) as made, client(place, token) as other:
        name = dataset(made, place)
        made.query_and_wait(f"CREATE TABLE {name}.t AS SELECT 1 AS a")
        other.query_and_wait(f"SELECT * FROM {name}.t")


CSV = b"a,s\n1,x\n2,y\n"


def table(made: bigquery.Client, place: Place, query: str = "SELECT 1 AS a") -> str:
    name = f"{dataset(made, place)}.t"
    made.query_and_wait(f"CREATE TABLE {name} AS {query}")
    return name


@ROWS.works("Client.query with dry_run: bytes")
def _(place: Place) -> None:
    with client(place) as made:
        name = table(made, place, "SELECT 1 AS a, 'xyz' AS s")
        job = made.query(f"SELECT a FROM {name}", bigquery.QueryJobConfig(dry_run=True))
        assert job.total_bytes_processed == 8
        assert made.get_table(name).num_bytes == 13


@ROWS.works("Client.update_table: labels, description")
def _(place: Place) -> None:
    with client(place) as made:
        found = made.get_table(table(made, place))
        found.labels, found.description = {"k": "v"}, "told"
        changed = made.update_table(found, ["labels", "description"])
        assert (changed.labels, changed.description) == ({"k": "v"}, "told")


@ROWS.refuses("Client.update_table of one that others have changed", PreconditionFailed)
def _(place: Place) -> None:
    with client(place) as made:
        name = table(made, place)
        first, second = made.get_table(name), made.get_table(name)
        first.description = second.description = "told"
        made.update_table(first, ["description"])
        made.update_table(second, ["description"])


@ROWS.works("Client.get_iam_policy, set_iam_policy, test_iam_permissions of a table")
def _(place: Place) -> None:
    with client(place) as made:
        name = table(made, place)
        policy = made.get_iam_policy(name)
        policy.bindings = [{"role": "roles/bigquery.dataViewer", "members": {"user:a@b.c"}}]
        assert made.set_iam_policy(name, policy).bindings == policy.bindings
        told = made.test_iam_permissions(name, ["bigquery.tables.getData"])
        assert told["permissions"] == ["bigquery.tables.getData"]


@ROWS.works("Client.create_table with ExternalConfig: CSV, autodetect")
def _(place: Place) -> None:
    uri = place.put(place.bucket(), "x.csv", CSV)
    with client(place) as made:
        config = bigquery.ExternalConfig("CSV")
        config.source_uris, config.autodetect = [uri], True
        new = bigquery.Table(f"{PROJECT}.{dataset(made, place)}.t")
        new.external_data_configuration = config
        made.create_table(new)
        rows = made.query_and_wait(f"SELECT * FROM {new.dataset_id}.t ORDER BY a")
        assert [tuple(row) for row in rows] == [(1, "x"), (2, "y")]


@ROWS.works("Client.load_table_from_uri with max_bad_records: CSV")
def _(place: Place) -> None:
    uri = place.put(place.bucket(), "x.csv", b"1\nno\n3\n")
    config = bigquery.LoadJobConfig(max_bad_records=1, schema=[bigquery.SchemaField("a", "INT64")])
    with client(place) as made:
        name = f"{dataset(made, place)}.t"
        job = made.load_table_from_uri(uri, name, job_config=config)
        job.result()
        assert (job.output_rows, len(job.errors)) == (2, 1)


@ROWS.refuses("Client.load_table_from_uri of an object that is not there", NotFound)
def _(place: Place) -> None:
    with client(place) as made:
        uri = f"gs://{place.bucket()}/nope.csv"
        made.load_table_from_uri(uri, f"{dataset(made, place)}.t").result()


@ROWS.works("Client.query: LOAD DATA, EXPORT DATA")
def _(place: Place) -> None:
    bucket = place.bucket()
    uri = place.put(bucket, "x.csv", CSV)
    with client(place) as made:
        name = f"{dataset(made, place)}.t"
        made.query_and_wait(
            f"LOAD DATA INTO {name} FROM FILES (format='CSV', uris=['{uri}'], skip_leading_rows=1)"
        )
        made.query_and_wait(
            f"EXPORT DATA OPTIONS (uri='gs://{bucket}/o/*.csv', format='CSV') AS"
            f" SELECT COUNT(*) AS n FROM {name}"
        )
        path = f"/storage/v1/b/{bucket}/o/o%2F000000000000.csv?alt=media"
        assert place.emulator.get(path).body.split() == [b"2"]


@ROWS.works("Client.extract_table: Avro")
def _(place: Place) -> None:
    with client(place) as made:
        config = bigquery.ExtractJobConfig(destination_format="AVRO")
        uri = f"gs://{place.bucket()}/x.avro"
        made.extract_table(table(made, place), uri, job_config=config).result()
        path = f"/storage/v1/b/{place.name}/o/x.avro?alt=media"
        assert place.emulator.get(path).body.startswith(b"Obj")


@ROWS.works("Client.list_rows of a query's hidden destination")
def _(place: Place) -> None:
    with client(place) as made:
        job = made.query("SELECT 1 AS a")
        schema = job.result().schema
        assert [tuple(r) for r in made.list_rows(job.destination, selected_fields=schema)] == [(1,)]


@ROWS.works("dbapi: execute, fetchall, executemany")
def _(place: Place) -> None:
    with client(place) as made:
        name = table(made, place)
        cursor = dbapi.connect(made).cursor()
        cursor.executemany(f"INSERT INTO {name} VALUES (%s)", [(2,), (3,)])
        cursor.execute(f"SELECT a FROM {name} WHERE a > %(least)s ORDER BY a", {"least": 1})
        assert [tuple(row) for row in cursor.fetchall()] == [(2,), (3,)]


PANDAS = """
import pandas, pandas_gbq
frame = pandas.DataFrame({"a": [1, 2], "s": ["x", None]})
pandas_gbq.to_gbq(frame, "%s.t", progress_bar=False)
pandas_gbq.to_gbq(frame, "%s.t", if_exists="append", api_method="load_csv", progress_bar=False)
found = pandas_gbq.read_gbq("SELECT SUM(a) AS a FROM %s.t", progress_bar_type=None)
assert found.a.tolist() == [6], found
many = pandas_gbq.read_gbq(
    "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS x", progress_bar_type=None
)
assert many.x.sum() == 20000 * 20001 // 2
"""
"""Nothing but the environment tells it where to go and who asks; much comes over gRPC."""


@ROWS.works("pandas_gbq.to_gbq, read_gbq")
def _(place: Place) -> None:
    name = place.name.replace("-", "_")
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PANDAS.replace("%s", name)],
        env=surroundings(place),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def surroundings(place: Place) -> dict[str, str]:
    """What `emulator env` prints, once its proxy is there."""
    deadline = time.monotonic() + 30
    while not (proxy := transparent(place.url)):
        assert time.monotonic() < deadline
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GOOGLE_", "CLOUDSDK_"))}
    return {**kept, **variables(place.url, PROJECT, place.grpc), **proxy}


@ROWS.missing("Client.query of _PARTITIONTIME", MethodNotImplemented)
def _(place: Place) -> None:
    with client(place) as made:
        name = f"{dataset(made, place)}.t"
        made.query_and_wait(f"CREATE TABLE {name} (a INT64) PARTITION BY _PARTITIONDATE")
        made.query_and_wait(f"SELECT _PARTITIONTIME FROM {name}")


def partitioned(made: bigquery.Client, place: Place) -> str:
    name = f"{PROJECT}.{dataset(made, place)}.t"
    made.query_and_wait(f"CREATE TABLE `{name}` (day DATE, a INT64) PARTITION BY day")
    rows = "(DATE '2024-01-01', 1), (DATE '2024-01-02', 2), (NULL, 3)"
    made.query_and_wait(f"INSERT INTO `{name}` (day, a) VALUES {rows}")
    return name


@ROWS.works("Client.load_table_from_json, insert_rows_json, list_rows, get_table, delete_table of "
            "a partition, `t$20240102`")  # fmt: skip
def _(place: Place) -> None:
    with client(place) as made:
        name = partitioned(made, place)
        config = bigquery.LoadJobConfig(write_disposition="WRITE_TRUNCATE")
        row = {"day": "2024-01-02", "a": 7}
        made.load_table_from_json([row], f"{name}$20240102", job_config=config).result()
        assert made.insert_rows_json(f"{name}$20240102", [{**row, "a": 8}]) == []
        found = made.get_table(f"{name}$20240102")
        assert sorted(row.a for row in made.list_rows(found)) == [7, 8]
        made.delete_table(f"{name}$20240102")
        left = made.query_and_wait(f"SELECT a FROM `{name}` ORDER BY a")
        assert [row.a for row in left] == [1, 3]


@ROWS.refuses("Client.load_table_from_json of rows of another partition", BadRequest)
def _(place: Place) -> None:
    with client(place) as made:
        name = partitioned(made, place)
        rows = [{"day": "2024-01-03", "a": 7}]
        made.load_table_from_json(rows, f"{name}$20240102").result()


@ROWS.works("Client.list_partitions")
def _(place: Place) -> None:
    with client(place) as made:
        name = partitioned(made, place)
        assert sorted(made.list_partitions(name)) == ["20240101", "20240102", "__NULL__"]


@ROWS.missing("Client.list_partitions of an ingestion-time partitioned table", MethodNotImplemented)
def _(place: Place) -> None:
    with client(place) as made:
        name = f"{dataset(made, place)}.t"
        made.query_and_wait(f"CREATE TABLE {name} (a INT64) PARTITION BY _PARTITIONDATE")
        made.list_partitions(f"{PROJECT}.{name}")
