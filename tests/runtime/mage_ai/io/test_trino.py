"""mage_ai.io.trino: Trino's own client against a server of its protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.trino import Trino
from tests.runtime.mage_ai.io.trino_server import trino

pytest.importorskip("trino", reason="Trino's client is not installed: pip install trino")
FRAME = pd.DataFrame({"id": [1, 2], "Total Sum": [0.5, None], "note": ["it's", None]})


@pytest.fixture
def loader() -> Iterator[Trino]:
    with trino() as port:
        flat = {"TRINO_CATALOG": "lake", "TRINO_HOST": "127.0.0.1", "TRINO_PORT": port,
                "TRINO_SCHEMA": "s", "TRINO_USER": "me"}  # fmt: skip
        with Trino.with_config(ConfigFileLoader(config=flat)) as opened:
            opened.verbose = False
            yield opened


def test_a_table_goes_and_comes_back(loader: Trino) -> None:
    loader.export(FRAME, "s", "t")
    back = loader.load("SELECT * FROM t ORDER BY id;")
    assert back["id"].tolist() == [1, 2]
    assert back["total_sum"][0] == 0.5
    assert back["note"].tolist()[0] == "it's"
    assert pd.isna(back["note"][1])
    assert len(loader.sample("s", "t", 1)) == 1


def test_policies(loader: Trino) -> None:
    for policy, rows in (("append", 2), ("append", 4), ("replace", 2)):
        loader.export(FRAME, "s", "t", if_exists=policy)
        assert len(loader.load("SELECT * FROM t")) == rows
    with pytest.raises(ValueError, match=r"'s\.t' already exists"):
        loader.export(FRAME, "s", "t", if_exists="fail")
    loader.export(pd.DataFrame({"x": [1]}), "s", "t", drop_table_on_replace=True)
    assert list(loader.load("SELECT * FROM t").columns) == ["x"]


def test_statements(loader: Trino) -> None:
    loader.execute("CREATE TABLE s.u AS SELECT 1 AS n")
    loader.export(None, "s", "u", if_exists="append", query_string="SELECT 2 AS n")
    assert sorted(loader.load("SELECT n FROM s.u")["n"]) == [1, 2]
    with pytest.raises(Exception, match="nowhere"):
        loader.execute("SELECT * FROM nowhere")
