"""Google's own client against a running emulator."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import fastavro
import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

PROJECT = "blocklift-local"


@pytest.fixture
def client(emulator) -> Iterator[bigquery.Client]:
    made = bigquery.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": emulator.url},
    )
    yield made
    made.close()


@pytest.fixture
def dataset(client: bigquery.Client, fresh_name: str) -> str:
    name = fresh_name.replace("-", "_")
    client.create_dataset(name)
    return name


def test_a_query_gives_rows(client: bigquery.Client) -> None:
    rows = list(client.query("SELECT 1 AS a, 'x' AS b").result())
    assert [dict(row) for row in rows] == [{"a": 1, "b": "x"}]
    assert [row.a for row in client.query_and_wait("SELECT 2 AS a")] == [2]


def test_a_table_is_made_filled_listed_and_deleted(client: bigquery.Client, dataset: str) -> None:
    schema = [bigquery.SchemaField("a", "INT64"), bigquery.SchemaField("b", "STRING")]
    table = client.create_table(bigquery.Table(f"{PROJECT}.{dataset}.t", schema=schema))
    assert client.insert_rows_json(table, [{"a": 1, "b": "x"}, {"a": 2}]) == []
    assert [tuple(row) for row in client.list_rows(table)] == [(1, "x"), (2, None)]
    job = client.load_table_from_json([{"a": 3, "b": "y"}], table)
    assert job.result().output_rows == 1
    assert client.get_table(table).num_rows == 3
    assert [t.table_id for t in client.list_tables(dataset)] == ["t"]
    client.delete_table(table)
    with pytest.raises(NotFound, match=f"Not found: Table {PROJECT}:{dataset}.t"):
        client.get_table(table)


def test_a_job_names_the_table_that_it_made(client: bigquery.Client, dataset: str) -> None:
    """dbt looks there for how much it made."""
    job = client.query(f"CREATE TABLE {dataset}.t AS SELECT 1 AS a UNION ALL SELECT 2")
    job.result()
    assert job.destination.table_id == "t"
    assert client.get_table(job.destination).num_rows == 2
    client.query(f"ALTER TABLE {dataset}.t SET OPTIONS()").result()
    asked = client.query(f"SELECT a FROM {dataset}.t")
    asked.result()
    answer = client.get_table(asked.destination)
    assert (answer.num_rows, [field.name for field in answer.schema]) == (2, ["a"])


def test_what_is_there_already_is_a_conflict(client: bigquery.Client, dataset: str) -> None:
    with pytest.raises(Conflict, match="Already Exists: Dataset"):
        client.create_dataset(dataset)


def test_mistakes_in_queries_have_googles_words(client: bigquery.Client, dataset: str) -> None:
    for query, told in {
        "SELEC 1": r"Syntax error: Unexpected identifier \"SELEC\" at \[1:1\]",
        "SELECT x FROM (SELECT 1 AS y)": r"Unrecognized name: x at \[1:8\]",
        "SELECT JSON_CONTAINS(JSON '1', JSON '1')": r"does not support the function JSON_CONTAINS",
    }.items():
        with pytest.raises(Exception, match=told):
            client.query(query).result()
    with pytest.raises(NotFound, match="Not found: Table"):
        client.query(f"SELECT * FROM {dataset}.nope").result()
    with pytest.raises(BadRequest, match="must be qualified with a dataset"):
        client.query("SELECT * FROM nope").result()


def test_a_dry_run_tells_the_schema_and_does_nothing(client: bigquery.Client, dataset: str) -> None:
    config = bigquery.QueryJobConfig(dry_run=True)
    job = client.query(f"CREATE TABLE {dataset}.t AS SELECT 1 AS a", job_config=config)
    assert job.dry_run
    assert list(client.list_tables(dataset)) == []


def test_parameters_by_name_and_place(client: bigquery.Client) -> None:
    named = bigquery.QueryJobConfig(
        query_parameters=[
            bigquery.ScalarQueryParameter("a", "INT64", 5),
            bigquery.ArrayQueryParameter("xs", "STRING", ["p", "q"]),
        ]
    )
    rows = client.query_and_wait("SELECT @a + 1 AS a, @xs AS xs", job_config=named)
    assert [tuple(row) for row in rows] == [(6, ["p", "q"])]
    placed = bigquery.QueryJobConfig(
        query_parameters=[bigquery.ScalarQueryParameter(None, "STRING", "it's")]
    )
    assert [tuple(r) for r in client.query_and_wait("SELECT ? AS s", job_config=placed)] == [
        ("it's",)
    ]


def test_pages_are_whole(client: bigquery.Client) -> None:
    query = "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS x ORDER BY x"
    assert [row.x for row in client.query(query).result(page_size=7000)] == list(range(1, 25001))


def test_unknown_keys_refuse_a_load_unless_they_are_ignored(client, dataset: str) -> None:
    schema = [
        bigquery.SchemaField("a", "INT64"),
        bigquery.SchemaField("r", "RECORD", fields=[bigquery.SchemaField("x", "STRING")]),
        bigquery.SchemaField("j", "JSON"),
    ]
    rows = [{"a": 1, "r": {"x": "p"}, "j": {"any": 1}}, {"A": 2, "r": {"x": "q", "y": 1}}]
    table = f"{PROJECT}.{dataset}.t"
    config = bigquery.LoadJobConfig(schema=schema)
    with pytest.raises(BadRequest, match=r"No such field: r\.y"):
        client.load_table_from_json(rows, table, job_config=config).result()
    with pytest.raises(NotFound):
        client.get_table(table)
    config.ignore_unknown_values = True
    assert client.load_table_from_json(rows, table, job_config=config).result().output_rows == 2
    found = client.query_and_wait(f"SELECT r.x FROM {dataset}.t ORDER BY x")
    assert [row.x for row in found] == ["p", "q"]


def test_a_large_result_comes_in_two_answers(client: bigquery.Client) -> None:
    """The first is short, so that data frames are read over the Storage Read API."""
    query = "SELECT x, CAST(x AS STRING) AS s FROM UNNEST(GENERATE_ARRAY(1, 60000)) AS x"
    pages = [page.num_items for page in client.query_and_wait(query).pages]
    assert pages == [10_000, 50_000]


def test_avro_in_a_bucket_is_loaded_with_its_types(client, emulator, bucket, dataset) -> None:
    kinds = [
        {"name": "a", "type": "long"},
        {"name": "s", "type": ["null", "string"]},
        {"name": "d", "type": {"type": "int", "logicalType": "date"}},
        {"name": "xs", "type": {"type": "array", "items": "string"}},
    ]
    rows = [
        {"a": 1, "s": "x", "d": date(2024, 1, 1), "xs": ["p", "q"]},
        {"a": 2, "s": None, "d": date(2024, 1, 2), "xs": []},
    ]
    file = io.BytesIO()
    fastavro.writer(file, {"type": "record", "name": "R", "fields": kinds}, rows)
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=x.avro"
    assert emulator.post(path, file.getvalue(), content_type="application/avro").code == 200
    config = bigquery.LoadJobConfig(source_format="AVRO")
    table = f"{PROJECT}.{dataset}.t"
    assert client.load_table_from_uri(f"gs://{bucket}/x.avro", table, job_config=config).result()
    assert [f.field_type for f in client.get_table(table).schema] == [
        "INTEGER", "STRING", "DATE", "STRING"]  # fmt: skip
    found = sorted(tuple(row) for row in client.list_rows(table))
    assert found == [(1, "x", date(2024, 1, 1), ["p", "q"]), (2, None, date(2024, 1, 2), [])]
