"""The whole job. Read this first.

A Mage project is deployed to the local cloud by the code that deploys to Google, its
pipelines are started by HTTP, and what arrives is compared with what pandas makes of the
same file.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

if TYPE_CHECKING:
    from tests.story.conftest import World

BUCKET = "blocklift-local-trips"


def test_taxi_trips_from_a_file_to_postgres_a_bucket_and_a_report(
    world: World, example: Path, trips: Path
) -> None:
    expected = pd.read_parquet(trips).query("passenger_count > 0 and trip_distance > 0")

    # Deploy. A second deploy finds nothing to do.
    world.blocklift("deploy", example)
    assert "nothing to change" in world.blocklift("deploy", example).out

    # Start the first pipeline as Mage's users do: a POST to its API trigger.
    trigger = triggers_of(world, example)["api_to_postgres", "load_on_request"]
    started = world.post(trigger, {"pipeline_run": {"variables": {"source": str(trips)}}})
    assert started["pipeline_run"]["pipeline_uuid"] == "api_to_postgres"
    run = world.ended(world.newest("api-to-postgres"))
    assert run["state"] == "SUCCEEDED", run

    # Every trip is in Postgres, with the types that the values have.
    assert world.sql("select count(*) from ny_taxi.green_taxi") == [(len(expected),)]
    assert column_types(world) == COLUMNS

    # Start the second as Google's users do: the Workflow Executions API.
    run = world.execute("api-to-gcs-partitioned", source=str(trips))
    assert run["state"] == "SUCCEEDED", run

    # One folder of Parquet per pickup date, holding that date's trips.
    assert trips_by_day(world) == expected.groupby("lpep_pickup_datetime").size().to_dict()

    # Start the report from the command line, and compare its numbers with pandas' own.
    report = world.blocklift("run", example, "postgres_report", "--json").json
    assert report["state"] == "SUCCEEDED"
    daily = world.sql("select * from ny_taxi.green_taxi_daily order by day")
    assert_same_totals(daily, expected)
    assert said_by_the_report(world, report["run"]) == {
        "days": expected["lpep_pickup_datetime"].nunique(),
        "trips": len(expected),
        "revenue": pytest.approx(expected["total_amount"].sum(), abs=0.01),
        "busiest_day": str(expected["lpep_pickup_datetime"].value_counts().idxmax()),
        "payments": payments(expected),
    }

    # The command showed what the blocks themselves wrote down.
    shown = {block["block"]: block for block in report["blocks"]}
    assert shown.keys() == {"daily_totals", "payment_totals", "busiest_days", "print_report"}
    assert shown["print_report"]["tests"] == 1
    assert shown["busiest_days"]["rows"] == 5


COLUMNS = {
    **dict.fromkeys(
        ("vendor_id", "ratecode_id", "pu_location_id", "do_location_id", "passenger_count",
         "payment_type", "trip_type"), "smallint",
    ),
    **dict.fromkeys(
        ("trip_distance", "fare_amount", "extra", "mta_tax", "tip_amount", "tolls_amount",
         "improvement_surcharge", "total_amount", "congestion_surcharge"), "double precision",
    ),
    "store_and_fwd_flag": "text",
    "lpep_pickup_datetime": "date",
    "lpep_dropoff_datetime": "timestamp without time zone",
    "lpep_pickup_date": "date",
}  # fmt: skip
PAYMENTS = {1: "credit card", 2: "cash", 3: "no charge", 4: "dispute", 5: "unknown"}


def triggers_of(world: World, project: Path) -> dict[tuple[str, str], str]:
    ways = world.blocklift("triggers", project, "--json").json
    return {(way["pipeline"], way.get("trigger", "")): way["url"] for way in ways}


def column_types(world: World) -> dict[str, str]:
    return dict(
        world.sql(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = 'ny_taxi' and table_name = 'green_taxi'"
        )
    )


def trips_by_day(world: World) -> dict[object, int]:
    counts: dict[object, int] = {}
    for name in world.objects(BUCKET, "green_taxi/"):
        if name.endswith(".parquet"):
            day = pd.Timestamp(name.split("lpep_pickup_date=")[1].split("/")[0]).date()
            part = pd.read_parquet(io.BytesIO(world.object(BUCKET, name)))
            counts[day] = counts.get(day, 0) + len(part)
    return counts


def assert_same_totals(daily: list[tuple[object, ...]], trips: pd.DataFrame) -> None:
    names = ["day", "trips", "passengers", "revenue", "average_distance"]
    by_day = trips.groupby("lpep_pickup_datetime")
    ours = by_day.agg(
        trips=("vendor_id", "size"),
        passengers=("passenger_count", "sum"),
        revenue=("total_amount", "sum"),
        average_distance=("trip_distance", "mean"),
    )
    theirs = pd.DataFrame(daily, columns=names).set_index("day").astype(float)
    pd.testing.assert_frame_equal(theirs, ours.astype(float), check_names=False)


def said_by_the_report(world: World, run: str) -> dict[str, object]:
    manifest = world.manifest(run, "magic-zoomcamp", "postgres_report", "print_report")
    bucket, _, name = manifest["outputs"][0]["uri"].removeprefix("gs://").partition("/")
    return dict(json.loads(world.object(bucket, name)))


def payments(trips: pd.DataFrame) -> dict[str, int]:
    return {PAYMENTS[int(code)]: int(n) for code, n in trips["payment_type"].value_counts().items()}
