"""mage_ai.io.mongodb: MongoDB's own client against a server of its protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from runtime.context import entered
from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.mongodb import MongoDB
from tests.runtime.mage_ai.io.mongo_server import Collections, mongo
from tests.runtime.project import Project

pytest.importorskip("pymongo", reason="MongoDB's client is not installed: pip install pymongo")
FRAME = pd.DataFrame({"n": [1, 2], "note": ["x", None]})


@pytest.fixture
def server() -> Iterator[tuple[MongoDB, Collections]]:
    with mongo() as (port, kept):
        flat = {"MONGODB_HOST": "127.0.0.1", "MONGODB_PORT": port, "MONGODB_DATABASE": "shop",
                "MONGODB_COLLECTION": "sales"}  # fmt: skip
        made = MongoDB.with_config(ConfigFileLoader(config=flat))
        yield made, kept
        made.client.close()


def test_documents_go_and_come_back(server: tuple[MongoDB, Collections]) -> None:
    made, _ = server
    made.export(FRAME)
    made.export([{"n": 3}], collection="other")
    back = made.load()
    assert back["n"].tolist() == [1, 2]
    assert back["note"].tolist()[0] == "x"
    assert made.load(query={"n": 2})["n"].tolist() == [2]
    assert made.load(collection="other")["n"].tolist() == [3]
    assert made.load(collection="nothing").empty


def test_every_export_adds(server: tuple[MongoDB, Collections]) -> None:
    made, kept = server
    made.export(FRAME)
    made.export(FRAME)
    assert len(kept["sales"]) == 4


def test_a_second_attempt_adds_what_is_missing(
    server: tuple[MongoDB, Collections], project: Project
) -> None:
    made, kept = server
    project.block("send", "", kind="data_exporter")
    for _ in range(2):
        with entered(project.context("send")):
            made.export(FRAME)
            made.export(FRAME)
        kept["sales"].popitem()  # as if the process had been killed before its last row
    assert len(kept["sales"]) == 3
    project.run = "run-2"
    with entered(project.context("send")):
        made.export(FRAME)
    assert len(kept["sales"]) == 5
