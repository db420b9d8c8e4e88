"""Tables as objects in Cloud Storage."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.google_cloud_storage import GoogleCloudStorage
from tests.runtime.fakes import FakeCloud

FRAME = pd.DataFrame({"n": [1, 2]})
PLACEHOLDERS = {
    "GOOGLE_SERVICE_ACC_KEY": {"type": "service_account", "private_key": "your-private-key"},
    "GOOGLE_SERVICE_ACC_KEY_FILEPATH": "/path/to/your/service/account/key.json",
}


def storage() -> GoogleCloudStorage:
    return GoogleCloudStorage.with_config(ConfigFileLoader(config=PLACEHOLDERS))


def test_a_table_goes_and_comes_back(cloud: FakeCloud) -> None:
    storage().export(FRAME, "lake", "a/b.parquet")
    storage().export(pl.DataFrame({"n": [1, 2]}), "lake", "a/c.csv")
    assert cloud.names() == ["a/b.parquet", "a/c.csv"]
    pd.testing.assert_frame_equal(storage().load("lake", "a/b.parquet"), FRAME)
    pd.testing.assert_frame_equal(storage().load("lake", "a/c.csv"), FRAME)


def test_a_file_is_sent_as_it_is(cloud: FakeCloud, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    storage().export(str(tmp_path / "notes.txt"), "lake", "notes.txt")
    assert cloud.objects["lake", "notes.txt"] == b"hello"


def test_what_is_not_there_is_an_empty_table(cloud: FakeCloud) -> None:
    assert storage().load("lake", "gone.parquet").empty
    assert not storage().exists("lake", "a/")
    storage().export(FRAME, "lake", "a/b.json")
    assert storage().exists("lake", "a/")


def test_in_the_local_cloud(lake: str, tmp_path: Path) -> None:
    storage().export(FRAME, lake, "a/b.parquet")
    storage().export(FRAME, lake, "a/c.csv", index=False)
    (tmp_path / "x.json").write_text('[{"n": 1}, {"n": 2}]')
    storage().export(str(tmp_path / "x.json"), lake, "x.json")
    for name in ("a/b.parquet", "a/c.csv", "x.json"):
        pd.testing.assert_frame_equal(storage().load(lake, name), FRAME)
    assert storage().exists(lake, "a/")
    assert not storage().exists(lake, "b/")
    assert storage().load(lake, "gone.csv").empty


def test_googles_client_is_there_for_the_rest(lake: str) -> None:
    made = storage()
    made.export(FRAME, lake, "a.parquet")
    with made.client as client:
        assert [blob.name for blob in client.list_blobs(lake)] == ["a.parquet"]
