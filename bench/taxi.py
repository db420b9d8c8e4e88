"""The taxi pipeline, warm, beside one plain script that does the same.

The script reads the same file with pandas, cleans it as the block does and takes the fastest
way into the same Postgres (ADBC, Arrow all the way); it is measured without its imports. The
pipeline does it in three functions, storing Parquet in between, testing what it made. Aim: at
most 1.5 times the script.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.measure import each, show, timed
from bench.world import EXAMPLE, ROOT, World, deployed, example_copy, folder
from deployer import local

ROUNDS = 5
REAL = ROOT.parent / "shared" / "data" / "green_tripdata_2020-q4.parquet"
SAMPLE = EXAMPLE / "data" / "green_tripdata_sample.parquet"


def main() -> None:
    trips = Path(os.environ.get("BLOCKLIFT_TRIPS") or (REAL if REAL.exists() else SAMPLE))
    with folder() as here, deployed(example_copy(here)) as world:
        measure(world, trips.resolve())


def measure(world: World, trips: Path) -> None:
    postgres = local.postgres(world.workspace.target.base)
    source = {"source": str(trips)}
    world.run("api_to_postgres", source)
    rows = script(trips, postgres)
    run, plain = each(
        [
            lambda: world.run("api_to_postgres", source),
            lambda: timed(lambda: script(trips, postgres)),
        ],
        ROUNDS,
    )
    print(f"  medians of {ROUNDS} rounds, {rows:,} trips ({trips.name})")
    show("one script: pandas, then ADBC into Postgres", plain)
    show("the pipeline api_to_postgres, warm", run, plain, "aim: ≤ 1.5 ×")


def script(trips: Path, postgres: Mapping[str, Any]) -> int:
    """Load, clean, check, export: what the three blocks do."""
    import adbc_driver_postgresql.dbapi as adbc
    import pandas as pd
    import pyarrow as pa

    data = pd.read_parquet(trips)
    empty = (data["passenger_count"] == 0) | (data["trip_distance"] == 0)
    data = data[~empty.fillna(True)].copy()
    data["lpep_pickup_date"] = pd.to_datetime(data["lpep_pickup_datetime"]).dt.date
    assert (data["passenger_count"] > 0).all()
    assert (data["trip_distance"] > 0).all()
    with adbc.connect(url_of(postgres)) as connection, connection.cursor() as cursor:
        cursor.execute("create schema if not exists plain")
        table = pa.Table.from_pandas(data, preserve_index=False)
        cursor.adbc_ingest("green_taxi", table, mode="replace", db_schema_name="plain")
        connection.commit()
    return len(data)


def url_of(to: Mapping[str, Any]) -> str:
    return f"postgresql://{to['user']}:{to['password']}@{to['host']}:{to['port']}/{to['dbname']}"


if __name__ == "__main__":
    main()
