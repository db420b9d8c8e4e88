"""Rows arrive exactly once, wherever the function's process ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime.contract import Manifest
from tests.runtime.conftest import Database
from tests.runtime.project import Project

ROOT = Path(__file__).parents[3]
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
    folder = tmp_path / "bundle"
    shutil.copytree(ROOT / "runtime", folder / "runtime", ignore=shutil.ignore_patterns("__pyc*"))
    yield folder
    with _connected(postgres) as connection:
        connection.execute("DROP SCHEMA IF EXISTS once CASCADE")


def _connected(postgres: Database) -> psycopg.Connection[tuple[int, ...]]:
    return psycopg.connect(
        host=postgres.host, port=postgres.port, user=postgres.user, password=postgres.password,
        dbname=postgres.dbname, autocommit=True,
    )  # fmt: skip


def attempt(project: Project, bundle: Path) -> int:
    """The block in a process of its own, as an instance of its function; its exit code."""
    (bundle / "block.json").write_text(json.dumps(project.specs["send"].to_json()))
    shutil.copytree(project.root, bundle / "project/shop", dirs_exist_ok=True)
    request = json.dumps(project.request().to_json())
    process = subprocess.run(
        [sys.executable, "-m", "runtime.job"], cwd=bundle, capture_output=True, check=False,
        env=os.environ | {"BLOCKLIFT_REQUEST": request},
    )  # fmt: skip
    assert process.returncode in (0, 9), process.stdout.decode() + process.stderr.decode()
    return process.returncode


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
