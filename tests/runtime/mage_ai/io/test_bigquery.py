"""mage_ai.io.bigquery against the local cloud, through Google's own client."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd
import pytest
from google.api_core.exceptions import BadRequest, NotFound

from runtime.mage_ai.io.bigquery import BigQuery
from runtime.mage_ai.io.config import ConfigFileLoader
from tests.emulator.conftest import Emulator

FRAME = pd.DataFrame({"id": [1, 2], "Total Sum": [0.5, None], "note": ["x", None]})
PLACEHOLDERS = {"GOOGLE_SERVICE_ACC_KEY": {"type": "service_account", "private_key": "your-key"}}


@pytest.fixture
def loader(google: Emulator) -> Iterator[BigQuery]:
    made = BigQuery.with_config(ConfigFileLoader(config=PLACEHOLDERS), verbose=False)
    yield made
    made.client.close()


def test_a_table_goes_and_comes_back(loader: BigQuery, dataset: str) -> None:
    frame = FRAME.copy()
    loader.export(frame, f"{dataset}.t", if_exists="replace")
    back = loader.load(f"SELECT * FROM {dataset}.t ORDER BY id;")
    assert list(back.columns) == ["id", "Total_Sum", "note"]
    assert back["Total_Sum"][0] == 0.5
    assert pd.isna(back["note"][1])
    assert list(frame.columns) == ["id", "Total Sum", "note"]
    assert len(loader.sample(dataset, "t", 1)) == 1
    assert loader.default_database() == "blocklift-local"


def test_types_of_a_new_table_and_of_one_that_is_there(loader: BigQuery, dataset: str) -> None:
    moments = pd.to_datetime(["2024-05-01 10:00", None]).tz_localize("UTC")
    frame = FRAME.assign(flag=True, moment=moments, price=Decimal("1.25"))
    loader.export(frame, f"{dataset}.t")
    kinds = {"id": "INTEGER", "Total_Sum": "FLOAT", "note": "STRING", "flag": "BOOLEAN",
             "moment": "TIMESTAMP", "price": "NUMERIC"}  # fmt: skip
    assert loader.get_column_types(dataset, "t") == kinds
    texts = frame.assign(moment=["2024-05-02 11:00", None])
    loader.export(texts, f"{dataset}.t")
    assert loader.get_column_types(dataset, "t") == kinds
    back = loader.load(f"SELECT moment FROM {dataset}.t WHERE id = 1")
    assert back["moment"][0] == pd.Timestamp("2024-05-02 11:00", tz="UTC")


def test_types_given_by_the_user(loader: BigQuery, dataset: str) -> None:
    types = {"id": "STRING", "Total Sum": "FLOAT64", "note": "STRING"}
    loader.export(FRAME.assign(id=["1", "2"]), f"{dataset}.t", overwrite_types=types)
    assert loader.get_column_types(dataset, "t")["id"] == "STRING"


def test_policies(loader: BigQuery, dataset: str) -> None:
    name = f"blocklift-local.{dataset}.t"
    for policy, rows in (("append", 2), ("append", 4), ("replace", 2)):
        loader.export(FRAME, name, if_exists=policy)
        assert len(loader.load(f"SELECT * FROM `{name}`")) == rows
    with pytest.raises(Exception, match="Already Exists"):
        loader.export(FRAME, name, if_exists="fail")
    loader.export(FRAME, name, if_exists="append", write_disposition="WRITE_TRUNCATE")
    assert len(loader.load(f"SELECT * FROM `{name}`")) == 2
    with pytest.raises(ValueError, match=r"table_id like dataset\.table, not 't'"):
        loader.export(FRAME, "t")


@pytest.mark.parametrize(("method", "note"), [("UPDATE", "new"), ("IGNORE", "x")])
def test_rows_are_merged_by_their_keys(
    loader: BigQuery, dataset: str, method: str, note: str
) -> None:
    rules = {"unique_constraints": ["id"], "unique_conflict_method": method}
    frame = FRAME[["id", "note"]]
    loader.export(frame, f"{dataset}.t", if_exists="append", **rules)
    more = pd.DataFrame({"id": [1, 3], "note": ["new", "new"]})
    loader.export(more, f"{dataset}.t", if_exists="append", **rules)
    back = loader.load(f"SELECT * FROM {dataset}.t ORDER BY id")
    assert back["id"].tolist() == [1, 2, 3]
    assert back["note"][0] == note
    assert [t.table_id for t in loader.client.list_tables(dataset)] == ["t"]


def test_from_a_query(loader: BigQuery, dataset: str) -> None:
    for policy, rows in (("append", 1), ("append", 2), ("replace", 1)):
        loader.export(None, f"{dataset}.t", if_exists=policy, query_string="SELECT 1 AS n")
        assert len(loader.load(f"SELECT * FROM {dataset}.t")) == rows
    with pytest.raises(ValueError, match="already exists"):
        loader.export(None, f"{dataset}.t", if_exists="fail", query_string="SELECT 1 AS n")


def test_statements_are_waited_for(loader: BigQuery, dataset: str) -> None:
    loader.client.create_dataset(dataset)
    loader.execute(f"CREATE TABLE {dataset}.t AS SELECT 1 AS n")
    loader.execute(f"INSERT INTO {dataset}.t VALUES (2)")
    assert sorted(row.n for row in loader.execute_query_raw(f"SELECT n FROM {dataset}.t")) == [1, 2]
    frames = loader.execute_queries([f"SELECT max(n) AS m FROM {dataset}.t"])
    assert frames[0]["m"].tolist() == [2]
    with pytest.raises((BadRequest, NotFound)):
        loader.execute("SELECT * FROM nowhere.nothing")


def test_columns_are_added(loader: BigQuery, dataset: str) -> None:
    loader.export(FRAME[["id"]], f"{dataset}.t")
    loader.alter_table(FRAME, f"{dataset}.t")
    assert list(loader.get_column_types(dataset, "t")) == ["id", "Total_Sum", "note"]


def test_keys_may_be_handed_over(google: Emulator, tmp_path) -> None:
    """On the local cloud they count for nothing; each way to give one is there."""
    for made in (
        BigQuery.with_credentials_file(str(tmp_path / "key.json")),
        BigQuery.with_credentials_object({"type": "service_account"}),
        BigQuery(project="blocklift-local", location="europe-west1"),
    ):
        assert made.client.project == "blocklift-local"
        made.client.close()
