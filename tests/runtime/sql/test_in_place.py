"""Tables that BigQuery fetches from the bucket itself, on the local cloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from runtime.mage_ai.io.bigquery import BigQuery
from runtime.sql.in_place import bigquery_kinds
from tests.runtime.project import Project

FRAME = """
import datetime as dt
import pandas as pd

def frame():
    return pd.DataFrame({
        'n': [1, 2], 'small': pd.array([1, None], dtype='Int16'), 'share': [0.5, None],
        'note': ['it', None], 'flag': [True, False], 'day': [dt.date(2024, 1, 2), None],
        'at': pd.to_datetime(['2024-01-02 03:04:05.678901', None]).astype('datetime64[us]'),
    }).assign(zoned=lambda made: made['at'].dt.tz_localize('UTC'))
"""
LOAD = FRAME + "\n@data_loader\ndef load():\n    return frame()\n"


@pytest.fixture
def warehouse(in_google: Project, dataset: str) -> Iterator[BigQuery]:
    in_google.file("io_config.yaml", "default:\n  GOOGLE_LOCATION: europe-west1\n")
    made = BigQuery(verbose=False)
    made.client.create_dataset(dataset)
    yield made
    made.client.close()


def sql(project: Project, dataset: str, text: str = "SELECT * FROM {{ df_1 }}") -> None:
    place = {"data_provider": "bigquery", "data_provider_profile": "default",
             "data_provider_schema": dataset}  # fmt: skip
    project.block("it", text, kind="transformer", language="sql", upstream=("load",),
                  configuration=place)  # fmt: skip
    project.call("it")


def loaded_from(warehouse: BigQuery, dataset: str) -> list[list[str] | None]:
    """Of each load job into the dataset, the files that it read; None for an upload."""
    jobs = warehouse.client.list_jobs(max_results=50)
    into = [j for j in jobs if j.job_type == "load" and j.destination.dataset_id == dataset]
    return [job.source_uris for job in into]


def test_the_same_table_as_by_an_upload(
    in_google: Project, warehouse: BigQuery, dataset: str
) -> None:
    in_google.block("load", LOAD)
    in_google.call("load")
    sql(in_google, dataset)
    (uris,) = loaded_from(warehouse, dataset)
    assert uris and uris[0].startswith("gs://bucket/runs/shop/orders/run-")
    names: dict[str, Any] = {}
    exec(FRAME, names)
    warehouse.export(names["frame"](), f"{dataset}.uploaded")
    kinds = warehouse.get_column_types(dataset, "uploaded")
    assert warehouse.get_column_types(dataset, "orders_load_v1") == kinds
    tables = (
        f"SELECT * FROM {dataset}.{name} ORDER BY n" for name in ("orders_load_v1", "uploaded")
    )
    ours, uploaded = (warehouse.execute_query_raw(query) for query in tables)
    assert [row.values() for row in ours] == [row.values() for row in uploaded]
    in_google.run += "-again"
    in_google.call("load")
    sql(in_google, dataset)
    found = warehouse.execute_query_raw(f"SELECT count(*) FROM {dataset}.orders_load_v1")
    assert found[0][0] == 2


@pytest.mark.parametrize(
    "made",
    ["pd.DataFrame({'n': [1], 'Two words': [2]})", "pd.DataFrame({'n': [1], 'facts': [{'a': 1}]})",
     "pd.DataFrame({'n': [1]}, index=['x'])", "[{'n': 1}]"],
)  # fmt: skip
def test_what_the_file_does_not_tell_is_uploaded(
    in_google: Project, warehouse: BigQuery, dataset: str, made: str
) -> None:
    in_google.block("load", f"import pandas as pd\n@data_loader\ndef load():\n    return {made}\n")
    in_google.call("load")
    sql(in_google, dataset, "SELECT n FROM {{ df_1 }}")
    assert loaded_from(warehouse, dataset) == [None]


def test_a_table_that_has_other_types_keeps_them(
    in_google: Project, warehouse: BigQuery, dataset: str
) -> None:
    warehouse.execute(f"CREATE TABLE {dataset}.orders_load_v1 (n FLOAT64)")
    in_google.block("load", LOAD)
    in_google.call("load")
    sql(in_google, dataset)
    assert loaded_from(warehouse, dataset) == [None]
    assert warehouse.get_column_types(dataset, "orders_load_v1")["n"] == "FLOAT"


def test_types_that_are_certain() -> None:
    of = pa.Table.from_pandas
    assert bigquery_kinds(of(pd.DataFrame({"a": [1.5]})).schema) == {"a": "FLOAT"}
    for unsure in ({"a": [None]}, {"a": pd.Categorical(["x"])}, {"a": [b"x"]}, {"a b": [1]}):
        assert bigquery_kinds(of(pd.DataFrame(unsure)).schema) is None
