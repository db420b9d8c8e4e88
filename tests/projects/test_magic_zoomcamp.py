"""The example is a sound Mage project by itself, and its sample is what it says it is."""

from __future__ import annotations

import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "projects" / "magic-zoomcamp"
SAMPLE = PROJECT / "data" / "green_tripdata_sample.parquet"
REAL = ROOT.parent / "shared" / "data" / "green_tripdata_2020-q4.parquet"
PIPELINES = ("api_to_postgres", "api_to_gcs_partitioned", "postgres_report")
EXTENSION = {"python": "py", "sql": "sql"}


def blocks(pipeline: str) -> list[dict[str, Any]]:
    text = (PROJECT / "pipelines" / pipeline / "metadata.yaml").read_text()
    return list(yaml.safe_load(text)["blocks"])


def run_file(path: str, decorator: str, *inputs: Any, **kwargs: Any) -> Any:
    """The decorated function of a block file, called as Mage would."""
    found: list[Any] = []
    names = {decorator: found.append, "test": lambda function: function}
    code = compile((PROJECT / path).read_text(), path, "exec")
    exec(code, names)
    return found[0](*inputs, **kwargs)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_every_block_has_its_file_and_both_ends_of_its_edges(pipeline: str) -> None:
    by_uuid = {block["uuid"]: block for block in blocks(pipeline)}
    for uuid, block in by_uuid.items():
        file = PROJECT / f"{block['type']}s" / f"{uuid}.{EXTENSION[block['language']]}"
        assert file.exists()
        for upstream in block["upstream_blocks"]:
            assert uuid in by_uuid[upstream]["downstream_blocks"]


def test_the_sample_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(PROJECT / "scripts" / "make_sample.py"))["make"]()
    pd.testing.assert_frame_equal(pd.read_parquet(SAMPLE), made)
    assert SAMPLE.stat().st_size < 200_000


@pytest.mark.skipif(not REAL.exists(), reason="the real trips are not here")
def test_the_sample_has_the_columns_and_types_of_real_trips() -> None:
    real, sample = pd.read_parquet(REAL), pd.read_parquet(SAMPLE)
    assert list(sample.dtypes.items()) == list(real.dtypes.items())


def test_raw_column_names_become_snake_case_and_empty_trips_go() -> None:
    raw = pd.DataFrame(
        {
            "VendorID": [1, 2, 2],
            "PULocationID": [7, 8, 9],
            "lpep_pickup_datetime": pd.to_datetime(["2020-10-01 13:00"] * 3),
            "passenger_count": pd.array([1, 0, None], dtype="Int64"),
            "trip_distance": [1.5, 2.0, 3.0],
        }
    )
    clean = run_file("transformers/transform_taxi_data.py", "transformer", raw)
    assert clean.to_dict("records") == [
        {
            "vendor_id": 1,
            "pu_location_id": 7,
            "lpep_pickup_datetime": pd.Timestamp("2020-10-01 13:00"),
            "passenger_count": 1,
            "trip_distance": 1.5,
            "lpep_pickup_date": date(2020, 10, 1),
        }
    ]
