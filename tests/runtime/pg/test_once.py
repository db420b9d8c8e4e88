"""Rows arrive exactly once, wherever the function's process ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime.contract import Manifest
from tests.runtime.conftest import Database
from tests.runtime.killed import attempt, bundle_in
from tests.runtime.project import Project

CODE = """
import os
import pandas as pd
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

class Mine:
    def __init__(self, n):
        self.n = n
    def __str__(self):
        if self.n == 68_000 and FIRST and MOMENT == 'during':
            os._exit(9)
        return str(self.n)

FLAG = get_repo_path() + '/tried'
MOMENT = 'WHEN'
FIRST = not os.path.exists(FLAG)

@data_exporter
def export(*args, **kwargs):
    frame = pd.DataFrame({'n': [Mine(n) for n in range(70_000)]})
    open(FLAG, 'w').close()
    with Postgres.with_config(ConfigFileLoader()) as loader:
        loader.export(frame, 'once', 'rows', if_exists='POLICY', overwrite_types={'n': 'int'})
        loader.export(pd.DataFrame({'n': [1]}), 'once', 'more', if_exists='POLICY')
    if FIRST and MOMENT == 'after':
        os._exit(9)
"""


@pytest.fixture
def bundle(project: Project, postgres: Database, tmp_path: Path) -> Iterator[Path]:
    lines = "".join(f"  {key}: {value}\n" for key, value in postgres.flat().items())
    project.file("io_config.yaml", f"default:\n{lines}")
    yield bundle_in(tmp_path / "bundle")
    with _connected(postgres) as connection:
        connection.execute("DROP SCHEMA IF EXISTS once CASCADE")


def _connected(postgres: Database) -> psycopg.Connection[tuple[int, ...]]:
    return psycopg.connect(
        host=postgres.host, port=postgres.port, user=postgres.user, password=postgres.password,
        dbname=postgres.dbname, autocommit=True,
    )  # fmt: skip


@pytest.mark.parametrize("moment", ["during", "after"])
@pytest.mark.parametrize("policy", ["append", "replace"])
def test_a_killed_export_and_its_retry(
    project: Project, bundle: Path, postgres: Database, policy: str, moment: str
) -> None:
    code = CODE.replace("WHEN", moment).replace("POLICY", policy)
    project.block("send", code, kind="data_exporter")
    assert [attempt(project, bundle), attempt(project, bundle)] == [9, 0]
    with _connected(postgres) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM once.rows), (SELECT count(*) FROM once.more)"
        ).fetchone()
    assert counted == (70_000, 1)
    assert isinstance(project.manifest("send"), Manifest)


def test_a_new_run_appends_again(project: Project, bundle: Path, postgres: Database) -> None:
    project.block("send", CODE.replace("POLICY", "append"), kind="data_exporter")
    for run in ("run-1", "run-2"):
        project.run = run
        assert attempt(project, bundle) == 0
    with _connected(postgres) as connection:
        assert connection.execute("SELECT count(*) FROM once.more").fetchone() == (2,)


CHUNKS = """
import os
import pandas as pd
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

FLAG = get_repo_path() + '/tried'
FIRST = not os.path.exists(FLAG)

@data_exporter
def export(*args, **kwargs):
    open(FLAG, 'w').close()
    with Postgres.with_config(ConfigFileLoader()) as loader:
        BEFORE
        for n in range(3):
            chunk = pd.DataFrame({'n': [n, n]})
            loader.export(chunk, 'once', 'rows', if_exists=POLICY)
    if FIRST:
        os._exit(9)
"""
MAKE = "loader.export(pd.DataFrame({'n': [7]}), 'once', 'rows') if FIRST else None"
DELETE = "loader.execute('DELETE FROM once.rows')"


@pytest.mark.parametrize(
    ("before", "policy"),
    [
        ("pass", "'append' if n else 'replace'"),
        (f"{MAKE}; {DELETE}", "'append'"),
        (f"{MAKE}; {DELETE}; loader.commit()", "'append'"),
    ],
    ids=["replace-then-append", "delete-in-the-transaction", "delete-committed-before"],
)
def test_rows_that_an_attempt_takes_away_are_given_back(
    project: Project, bundle: Path, postgres: Database, before: str, policy: str
) -> None:
    """What a later attempt empties again, it also fills again."""
    code = CHUNKS.replace("BEFORE", before).replace("POLICY", policy)
    project.block("send", code, kind="data_exporter")
    assert [attempt(project, bundle), attempt(project, bundle)] == [9, 0]
    with _connected(postgres) as connection:
        counted = connection.execute("SELECT n, count(*) FROM once.rows GROUP BY n ORDER BY n")
        assert counted.fetchall() == [(0, 2), (1, 2), (2, 2)]
