"""Google's clients read rows in Arrow over gRPC."""

from __future__ import annotations

import json

import grpc
import pytest
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, bigquery_storage_v1
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)

PROJECT = "blocklift-local"
pytestmark = pytest.mark.filterwarnings("ignore:Retrieving:PendingDeprecationWarning")


@pytest.fixture
def client(emulator):
    made = bigquery.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": emulator.url},
    )
    yield made
    made.close()


@pytest.fixture
def reading(emulator):
    at = json.loads((emulator.data / "emulator.json").read_text())["grpc"].removeprefix("http://")
    with grpc.insecure_channel(at) as channel:
        grpc.channel_ready_future(channel).result(30)
        yield bigquery_storage_v1.BigQueryReadClient(
            transport=BigQueryReadGrpcTransport(channel=channel)
        )


def test_a_querys_rows_come_as_a_data_frame(client, reading):
    query = "SELECT x, CAST(x AS STRING) AS s FROM UNNEST(GENERATE_ARRAY(1, 50000)) AS x"
    rows = client.query(query).result()
    frame = rows.to_dataframe(bqstorage_client=reading)
    assert len(frame) == 50000
    assert frame["x"].sum() == 50000 * 50001 // 2
    assert set(frame.columns) == {"x", "s"}


def test_a_tables_chosen_columns_are_streamed(client, reading, fresh_name):
    name = fresh_name.replace("-", "_")
    client.create_dataset(name)
    client.query_and_wait(f"CREATE TABLE {name}.t AS SELECT 1 AS a, 'x' AS b")
    chosen = [bigquery.SchemaField("b", "STRING")]
    rows = client.list_rows(f"{PROJECT}.{name}.t", selected_fields=chosen)
    assert rows.to_arrow(bqstorage_client=reading).to_pylist() == [{"b": "x"}]


def test_a_table_that_is_not_there_is_refused(reading):
    wanted = {"table": f"projects/{PROJECT}/datasets/no/tables/t", "data_format": "ARROW"}
    with pytest.raises(NotFound, match="Not found: Dataset"):
        reading.create_read_session(parent=f"projects/{PROJECT}", read_session=wanted)


def test_a_querys_rows_are_lent_not_copied_and_stay_when_the_job_goes(client, reading):
    job = client.query("SELECT 1 AS a, 'x' AS b")
    job.result()
    table = job.destination
    wanted = {
        "table": f"projects/{PROJECT}/datasets/{table.dataset_id}/tables/{table.table_id}",
        "data_format": "ARROW",
        "read_options": {"selected_fields": ["b"]},
    }
    session = reading.create_read_session(parent=f"projects/{PROJECT}", read_session=wanted)
    client.delete_job_metadata(job)
    rows = reading.read_rows(session.streams[0].name).rows(session)
    assert rows.to_arrow().to_pylist() == [{"b": "x"}]
    with pytest.raises(NotFound):
        client.list_rows(table, selected_fields=[bigquery.SchemaField("a", "INT64")]).to_arrow(
            create_bqstorage_client=False
        )
