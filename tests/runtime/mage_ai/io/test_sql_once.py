"""Rows arrive exactly once in MySQL and DuckDB, wherever the function's process ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.mysql import MySQL
from tests.runtime.killed import KILLED, attempt
from tests.runtime.project import Project
from tests.runtime.servers import Maria

CODE = """
import os
import pandas as pd
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.MODULE import CLASS
from mage_ai.settings.repo import get_repo_path

FLAG = get_repo_path() + '/tried'
FIRST = not os.path.exists(FLAG)
MOMENT = 'WHEN'

@data_exporter
def export(*args, **kwargs):
    open(FLAG, 'w').close()
    with CLASS.with_config(ConfigFileLoader()) as loader:
        loader.export(pd.DataFrame({'n': [1]}), table_name='more', if_exists='POLICY')
        if FIRST and MOMENT == 'during':
            loader.commit = lambda: os._exit(9)
        loader.export(pd.DataFrame({'n': range(3000)}), table_name='many', if_exists='POLICY')
    if FIRST and MOMENT == 'after':
        os._exit(9)
"""
CASES = pytest.mark.parametrize(
    ("policy", "moment"), [("append", "during"), ("append", "after"), ("replace", "during")]
)


def exporter(project: Project, module: str, name: str, **words: str) -> None:
    code = CODE.replace("MODULE", module).replace("CLASS", name)
    for word, value in words.items():
        code = code.replace(word, value)
    project.block("send", code, kind="data_exporter")
    project.run = "-".join(words.values())


@CASES
def test_mysql(project: Project, bundle: Path, mariadb: Maria, policy: str, moment: str) -> None:
    settings = "".join(f"  {key}: {value}\n" for key, value in mariadb.flat().items())
    project.file("io_config.yaml", f"default:\n{settings}")
    exporter(project, "mysql", "MySQL", POLICY=policy, WHEN=moment)
    assert [attempt(project, bundle), attempt(project, bundle)] == [KILLED, 0]
    with MySQL.with_config(ConfigFileLoader(config=mariadb.flat())) as loader:
        counted = [_count(loader.execute_query_raw, table) for table in ("many", "more")]
        loader.execute_queries([f"DROP TABLE {t}" for t in ("many", "more")])
    assert counted == [3000, 1]


@CASES
def test_duckdb(project: Project, bundle: Path, tmp_path: Path, policy: str, moment: str) -> None:
    project.file("io_config.yaml", f"default:\n  DUCKDB_DATABASE: {tmp_path}/kept.duckdb\n")
    exporter(project, "duckdb", "DuckDB", POLICY=policy, WHEN=moment)
    assert [attempt(project, bundle), attempt(project, bundle)] == [KILLED, 0]
    with duckdb.connect(f"{tmp_path}/kept.duckdb") as connection:
        asked = [
            _count(lambda sql: connection.execute(sql).fetchall(), t) for t in ("many", "more")
        ]
    assert asked == [3000, 1]


def test_another_run_appends_again(project: Project, bundle: Path, tmp_path: Path) -> None:
    project.file("io_config.yaml", f"default:\n  DUCKDB_DATABASE: {tmp_path}/kept.duckdb\n")
    exporter(project, "duckdb", "DuckDB", POLICY="append", WHEN="never")
    for project.run in ("run-1", "run-2"):
        assert attempt(project, bundle) == 0
    with duckdb.connect(f"{tmp_path}/kept.duckdb") as connection:
        assert connection.execute("SELECT count(*) FROM more").fetchall() == [(2,)]


def _count(ask: Any, table: str) -> int:
    ((number,),) = ask(f"SELECT count(*) FROM {table}")
    return int(number)
