"""Tables as objects in S3, on moto's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from moto.server import ThreadedMotoServer

from runtime.mage_ai.io.backblaze_b2 import BackblazeB2
from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.s3 import S3

FRAME = pd.DataFrame({"n": [1, 2]})


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint: str) -> S3:
    config = {
        "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1", "AWS_ENDPOINT": endpoint,
    }  # fmt: skip
    made = S3.with_config(ConfigFileLoader(config=config))
    made.client.create_bucket(
        Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    ) if "lake" not in {b["Name"] for b in made.client.list_buckets()["Buckets"]} else None
    return made


def test_a_table_goes_and_comes_back(s3: S3) -> None:
    for name in ("t.parquet", "t.csv", "t.json"):
        s3.export(FRAME, "lake", name, **({"index": False} if name.endswith("csv") else {}))
        pd.testing.assert_frame_equal(s3.load("lake", name), FRAME)
    assert s3.exists("lake", "t.")
    assert not s3.exists("lake", "u")


def test_a_file_is_sent_as_it_is(s3: S3, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("n\n5\n")
    s3.export(str(tmp_path / "x.csv"), "lake", "file.csv")
    assert s3.load("lake", "file.csv")["n"].tolist() == [5]


def test_backblaze_speaks_the_same(s3: S3, endpoint: str) -> None:
    config = {"B2_APPLICATION_KEY_ID": "i", "B2_APPLICATION_KEY": "k", "B2_ENDPOINT_URL": endpoint}
    b2 = BackblazeB2.with_config(ConfigFileLoader(config=config), region_name="eu-west-1")
    b2.export(FRAME, "lake", "b2.parquet")
    assert len(b2.load("lake", "b2.parquet")) == 2
