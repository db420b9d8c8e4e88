"""mage_ai.io.redshift: its statements on a real Postgres, whose protocol Redshift speaks.

The connection is psycopg's: Redshift's own driver logs in by ways that Postgres does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import psycopg
import pytest

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.redshift import Redshift
from tests.runtime.conftest import Database

FRAME = pd.DataFrame({"id": [1, 2], "Total": [0.5, None], "note": ["it's", None]})
TYPES = {"note": "text"}
"""Redshift's VARCHAR(MAX) is not in Postgres."""


class OnPostgres(Redshift):
    """Redshift, but for its driver."""

    def connect(self) -> Any:
        known = ("host", "port", "user", "password")
        settings = {name: self.settings[name] for name in known}
        return psycopg.connect(dbname=self.settings["database"], **settings)


@pytest.fixture
def loader(postgres: Database) -> Iterator[Redshift]:
    flat = {
        "REDSHIFT_DBNAME": postgres.dbname, "REDSHIFT_HOST": postgres.host,
        "REDSHIFT_PORT": postgres.port, "REDSHIFT_TEMP_CRED_USER": postgres.user,
        "REDSHIFT_TEMP_CRED_PASSWORD": postgres.password, "REDSHIFT_SCHEMA": "red",
    }  # fmt: skip
    with OnPostgres.with_config(ConfigFileLoader(config=flat)) as opened:
        opened.verbose = False
        yield opened
        opened.rollback()
        opened.execute("DROP SCHEMA IF EXISTS red CASCADE")
        opened.commit()


def test_names_are_kept_and_policies_held(loader: Redshift) -> None:
    for policy, rows in (("append", 2), ("append", 4), ("replace", 2)):
        loader.export(FRAME, "t", if_exists=policy, overwrite_types=TYPES)
        back = loader.load("SELECT * FROM red.t ORDER BY id;")
        assert len(back) == rows
    assert list(back.columns) == ["id", "Total", "note"]
    assert back["note"][0] == "it's"
    with pytest.raises(ValueError, match=r"'red\.t' already exists"):
        loader.export(FRAME, "t", if_exists="fail")


def test_more_rows_than_one_statement_takes(loader: Redshift) -> None:
    loader.export(pd.DataFrame({"n": range(1201)}), "many")
    assert loader.load("SELECT sum(n) AS s FROM red.many")["s"].tolist() == [720600]


def test_from_a_query(loader: Redshift) -> None:
    for policy in ("append", "append"):
        loader.export(None, "u", if_exists=policy, query_string="SELECT 1 AS n")
    assert len(loader.load("SELECT * FROM red.u")) == 2


def test_an_identity_of_aws_is_tried_first() -> None:
    flat = {"REDSHIFT_DBNAME": "d", "REDSHIFT_CLUSTER_ID": "c", "REDSHIFT_DBUSER": "u",
            "REDSHIFT_HOST": "h"}  # fmt: skip
    made = Redshift.with_config(ConfigFileLoader(config=flat))
    assert made.settings == {
        "iam": True, "cluster_identifier": "c", "database": "d", "db_user": "u",
        "profile": "default", "schema": None,
    }  # fmt: skip
