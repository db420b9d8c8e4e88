"""The course's whole chain, offline: web → bucket → BigQuery → a SQL block → Postgres.

Trips come over HTTP, lie in the bucket by pickup date, are an external table there and a native
one beside it, are summed up by a SQL block inside BigQuery, and the sums arrive in Postgres. Each
number is what pandas makes of the same file.
"""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import yaml
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from tests.story.mage.making import Folder, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

NAME = "magic-zoomcamp"
LAKE = "blocklift-local-trips"
TO_BIGQUERY = """
from google.cloud import bigquery

@data_exporter
def tables(uri, *args, **kwargs):
    client = bigquery.Client(location='europe-west1')
    client.create_dataset('trips_data_all', exists_ok=True)
    client.query_and_wait(f'''
        CREATE OR REPLACE EXTERNAL TABLE trips_data_all.external_trips
        WITH PARTITION COLUMNS (lpep_pickup_date DATE)
        OPTIONS (format = 'PARQUET', uris = ['{uri}/*.parquet'],
                 hive_partition_uri_prefix = '{uri}')''')
    client.query_and_wait('''
        CREATE OR REPLACE TABLE trips_data_all.trips
        PARTITION BY lpep_pickup_date CLUSTER BY pu_location_id
        AS SELECT * FROM trips_data_all.external_trips''')
    return client.get_table('trips_data_all.trips').num_rows
"""
DAILY = """
SELECT lpep_pickup_date AS pickup_day, COUNT(*) AS trips,
       SUM(passenger_count) AS passengers,
       SUM(trip_distance) AS distance, SUM(total_amount) AS revenue, MAX(tip_amount) AS best_tip,
       COUNT(DISTINCT pu_location_id) AS places
FROM trips_data_all.trips
GROUP BY pickup_day
"""
TO_POSTGRES = """
from os import path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

@data_exporter
def export(df, *args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'dev')
    with Postgres.with_config(config) as loader:
        loader.export(df, 'ny_taxi', 'daily_of_bigquery', index=False, if_exists='replace')
"""


@pytest.fixture
def web(trips: Path) -> Iterator[str]:
    """The file's URL."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    handler = functools.partial(Quiet, directory=str(trips.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{trips.name}"
        server.shutdown()
        thread.join()


@pytest.fixture
def client(world: World) -> Iterator[bigquery.Client]:
    made = bigquery.Client(
        project="blocklift-local",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": world.url},
    )
    yield made
    made.close()


def with_bigquery(example: Path) -> None:
    """The example grows by one pipeline, from the bucket on."""
    project = Folder(example)
    path = example / "pipelines" / "api_to_gcs_partitioned" / "metadata.yaml"
    blocks = yaml.safe_load(path.read_text())["blocks"]
    with (example / "io_config.yaml").open("a") as profiles:
        profiles.write("\nwarehouse:\n  GOOGLE_LOCATION: europe-west1\n")
    sql = {
        "data_provider": "bigquery",
        "data_provider_profile": "warehouse",
        "data_provider_schema": "trips_data_all",
        "export_write_policy": "replace",
    }
    project.pipeline(
        "web_to_bigquery_to_postgres",
        *blocks,
        project.block("lake_to_bigquery", "data_exporter", TO_BIGQUERY, blocks[-1]["uuid"]),
        project.block("daily", "transformer", DAILY, "lake_to_bigquery", language="sql",
                      configuration=sql),
        project.block("daily_to_postgres", "data_exporter", TO_POSTGRES, "daily"),
    )  # fmt: skip


def expected_of(trips: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The trips that stay, and their days."""
    kept = pd.read_parquet(trips).query("passenger_count > 0 and trip_distance > 0")
    kept = kept.assign(day=pd.to_datetime(kept["lpep_pickup_datetime"]).dt.date)
    place = "PULocationID" if "PULocationID" in kept else "pu_location_id"
    days = kept.groupby("day").agg(
        trips=("day", "size"),
        passengers=("passenger_count", "sum"),
        distance=("trip_distance", "sum"),
        revenue=("total_amount", "sum"),
        best_tip=("tip_amount", "max"),
        places=(place, "nunique"),
    )
    return kept, days


def test_web_to_bucket_to_bigquery_to_postgres(
    world: World, example: Path, trips: Path, web: str, client: bigquery.Client
) -> None:
    kept, days = expected_of(trips)
    with_bigquery(example)
    world.blocklift("deploy", example, "--pipeline", "web_to_bigquery_to_postgres")
    succeeded(world, NAME, "web_to_bigquery_to_postgres", source=web)

    # The bucket has a folder for each date, and BigQuery reads them where they lie.
    found = world.objects(LAKE, "green_taxi/")
    folders = {name.split("/")[1] for name in found if name.endswith(".parquet")}
    assert folders == {f"lpep_pickup_date={day}" for day in days.index}
    external = client.get_table("trips_data_all.external_trips")
    assert (external.table_type, external.schema[-1].name) == ("EXTERNAL", "lpep_pickup_date")

    # The native table is partitioned and clustered, and has all trips in both tellings.
    native = client.get_table("trips_data_all.trips")
    assert native.num_rows == len(kept)
    assert native.time_partitioning.field == "lpep_pickup_date"
    assert native.clustering_fields == ["pu_location_id"]
    partitions = client.query_and_wait("""SELECT partition_id, total_rows
        FROM trips_data_all.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 'trips'""")
    assert dict(map(tuple, partitions)) == {
        day.strftime("%Y%m%d"): count for day, count in days["trips"].items()
    }
    for table in ("external_trips", "trips"):
        query = f"""SELECT COUNT(*), SUM(total_amount), SUM(passenger_count), MIN(trip_distance)
            FROM trips_data_all.{table}"""
        (sums,) = client.query_and_wait(query)
        assert tuple(sums) == (
            len(kept),
            pytest.approx(kept["total_amount"].sum()),
            kept["passenger_count"].sum(),
            kept["trip_distance"].min(),
        )

    # Each day's sums have come to Postgres.
    rows = world.sql(
        "select pickup_day, trips, passengers, distance, revenue, best_tip, places"
        " from ny_taxi.daily_of_bigquery order by pickup_day"
    )
    assert [str(row[0]) for row in rows] == [str(day) for day in days.index]
    for row, told in zip(rows, days.itertuples(index=False), strict=True):
        assert tuple(map(float, row[1:])) == pytest.approx(tuple(map(float, told)))
