"""mage_ai.io.snowflake: Snowflake's own connector against fakesnow's server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.snowflake import Snowflake
from tests.runtime.mage_ai.io.snowflake_server import snowflake

pytest.importorskip(
    "snowflake.connector.converter", reason="fakesnow needs Snowflake's connector below 5"
)
pytest.importorskip("fakesnow", reason="Snowflake's fake is not installed: pip install fakesnow")
FRAME = pd.DataFrame({"id": [1, 2], "Total": [0.5, None], "note": ["it's", None]})
FLAT = {"SNOWFLAKE_USER": "me", "SNOWFLAKE_PASSWORD": "p", "SNOWFLAKE_ACCOUNT": "fakesnow",
        "SNOWFLAKE_DEFAULT_DB": "SHOP", "SNOWFLAKE_DEFAULT_SCHEMA": "S"}  # fmt: skip


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with snowflake() as port:
        yield port


@pytest.fixture
def loader(port: int) -> Iterator[Snowflake]:
    here = {"host": "127.0.0.1", "port": port, "protocol": "http"}
    with Snowflake.with_config(ConfigFileLoader(config=FLAT), verbose=False, **here) as opened:
        yield opened
        for table in ("t", "U"):
            opened.execute(f'DROP TABLE IF EXISTS "SHOP"."S"."{table}"')


def test_policies(loader: Snowflake) -> None:
    for policy, rows in (("append", 2), ("append", 4), ("replace", 2)):
        loader.export(FRAME, "t", if_exists=policy)
        assert len(loader.load('SELECT * FROM "t"')) == rows
    back = loader.load('SELECT * FROM "t" ORDER BY "id";')
    assert back.columns.tolist() == ["id", "Total", "note"]
    assert (back["Total"][0], back["note"][0], pd.isna(back["note"][1])) == (0.5, "it's", True)
    with pytest.raises(ValueError, match=r'"S"\."t" already exists'):
        loader.export(FRAME, "t", if_exists="fail")


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (True, True),
        (dt.date(2024, 1, 2), dt.date(2024, 1, 2)),
        (pd.Timestamp("2024-01-02 03:04:05.678"), pd.Timestamp("2024-01-02 03:04:05.678")),
        (pd.Timedelta("1s"), 10**9),
        (b"\x00\xff", b"\x00\xff"),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_types(loader: Snowflake, value: Any, back: Any) -> None:
    loader.export(pd.DataFrame({"id": [1], "it": [value]}), "t")
    assert loader.load('SELECT "it" FROM "t"')["it"].tolist() == [back]


def test_a_mixture_is_text(loader: Snowflake) -> None:
    loader.export(pd.DataFrame({"it": [1, "a", None]}), "t")
    found = loader.load('SELECT "it" FROM "t"')["it"].tolist()
    assert found[:2] == ["1", "a"]
    assert pd.isna(found[2])


@pytest.mark.parametrize(("method", "kept"), [("UPDATE", ["new", "c"]), ("IGNORE", ["b", "c"])])
def test_rows_are_merged_by_their_keys(loader: Snowflake, method: str, kept: list[str]) -> None:
    loader.export(pd.DataFrame({"id": [1, 2], "x": ["a", "b"]}), "t")
    more = pd.DataFrame({"id": [2, 3], "x": ["new", "c"]})
    loader.export(more, "t", unique_constraints=["id"], unique_conflict_method=method)
    assert loader.load('SELECT "x" FROM "t" ORDER BY "id"')["x"].tolist() == ["a", *kept]


def test_from_a_query(loader: Snowflake) -> None:
    for _ in range(2):
        loader.export(None, "U", query_string="SELECT 1 AS n")
    assert len(loader.sample("S", "U")) == 2
