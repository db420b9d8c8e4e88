"""What blocks imply for the account that runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.load import load
from deployer.rights.wants import Want, wants
from tests.deployer.making import SHOP, written

SQL = """
    type: python
    blocks:
    - uuid: totals
      type: transformer
      language: sql
      configuration: {data_provider: bigquery, data_provider_schema: shop}
"""


def found(folder: Path, *files: dict[str, str]) -> list[Want]:
    project = load(written(folder, SHOP, *files))
    return list(wants(project, project.pipelines[0], "my-project"))


def sql(folder: Path, text: str) -> list[Want]:
    return found(folder, {"pipelines/daily/metadata.yaml": SQL, "transformers/totals.sql": text})


def test_nothing_for_blocks_that_ask_nothing(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_python_may_name_any_dataset_and_the_reason_says_so(tmp_path: Path) -> None:
    code = "from google.cloud import bigquery\n@data_loader\ndef load(): ...\n"
    made = found(tmp_path, {"data_loaders/load.py": code})
    assert [want.role for want in made] == [
        "roles/bigquery.jobUser",
        "roles/bigquery.readSessionUser",
        "roles/bigquery.dataEditor",
    ]
    assert not any(want.condition for want in made)
    assert made[-1].reason == "load: every dataset, since load may name any"


@pytest.mark.parametrize(
    ("text", "datasets"),
    [
        ("SELECT 1 AS a", {"shop"}),
        ("SELECT * FROM `raw.orders` JOIN my-project.eu.users USING (id)", {"shop", "raw", "eu"}),
        ("SELECT * FROM `bigquery-public-data.samples.gsod` -- of others", {"shop"}),
    ],
)
def test_sql_blocks_write_where_they_say(tmp_path: Path, text: str, datasets: set[str]) -> None:
    user, *editors = sql(tmp_path, text)
    assert user.role == "roles/bigquery.user"
    assert {want.role for want in editors} == {"roles/bigquery.dataEditor"}
    assert {want.condition for want in editors} == {
        f'resource.name == "projects/my-project/datasets/{name}"'
        f' || resource.name.startsWith("projects/my-project/datasets/{name}/")'
        for name in datasets
    }


def test_a_table_that_a_template_names_may_be_anywhere(tmp_path: Path) -> None:
    assert sql(tmp_path, "SELECT * FROM `{{ table }}`")[-1].condition == ""
