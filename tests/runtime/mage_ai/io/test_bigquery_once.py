"""Rows arrive exactly once in BigQuery, though a function ends while its job goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.mage_ai.io.bigquery import BigQuery
from tests.runtime.killed import KILLED, attempt
from tests.runtime.project import Project

CODE = """
import os
import pandas as pd
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.bigquery import BigQuery
from mage_ai.settings.repo import get_repo_path

FLAG = get_repo_path() + '/tried'
FIRST = not os.path.exists(FLAG)
MOMENT = 'WHEN'

@data_exporter
def export(*args, **kwargs):
    open(FLAG, 'w').close()
    loader = BigQuery.with_config(ConfigFileLoader())
    start = loader.client.load_table_from_dataframe
    def start_and_die(*args, **kwargs):
        start(*args, **kwargs)
        os._exit(9)
    if FIRST and MOMENT == 'during':
        loader.client.load_table_from_dataframe = start_and_die
    loader.export(pd.DataFrame({'n': range(1000)}), 'DATASET.many', if_exists='POLICY')
    loader.export(None, 'DATASET.one', if_exists='POLICY', query_string='SELECT 1 AS n')
    loader.export(None, 'DATASET.one', if_exists='append', query_string='SELECT 2 AS n')
    if FIRST and MOMENT == 'after':
        os._exit(9)
"""


@pytest.mark.parametrize(
    ("policy", "moment"), [("append", "during"), ("append", "after"), ("replace", "after")]
)
def test_a_killed_export_and_its_retry(
    in_google: Project, bundle: Path, dataset: str, policy: str, moment: str
) -> None:
    in_google.file("io_config.yaml", "default:\n  GOOGLE_LOCATION: europe-west1\n")
    code = CODE.replace("POLICY", policy).replace("WHEN", moment).replace("DATASET", dataset)
    in_google.block("send", code, kind="data_exporter")
    assert [attempt(in_google, bundle), attempt(in_google, bundle)] == [KILLED, 0]
    loader = BigQuery(verbose=False)
    (many,) = loader.execute_query_raw(f"SELECT count(*) AS n FROM {dataset}.many")
    (one,) = loader.execute_query_raw(f"SELECT sum(n) AS n FROM {dataset}.one")
    loader.client.close()
    assert (many.n, one.n) == (1000, 3)
