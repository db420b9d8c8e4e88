"""dbt blocks: what is found for them, what travels, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deployer.bundle import bundle
from deployer.check import check
from deployer.code.requirements import requirements
from deployer.load import survey
from deployer.model import Block, Pipeline, Project
from deployer.rights.wants import wants
from deployer.settings.names import literals, needed
from tests.deployer.making import SHOP, written

MODEL = "demo/models/marts/orders"
DBT = {
    "pipelines/marts/metadata.yaml": f"""
    blocks:
    - {{uuid: load, type: data_loader}}
    - uuid: {MODEL}
      type: dbt
      language: sql
      upstream_blocks: [load]
      configuration: {{file_path: dbt/{MODEL}.sql, data_provider: postgres}}
    - uuid: nightly
      type: dbt
      language: yaml
      upstream_blocks: [{MODEL}]
      configuration: {{dbt_project_name: dbt/demo, dbt: {{command: test}}}}
    """,
    "dbts/nightly.yaml": "--select tag:nightly\n",
    "dbt/demo/dbt_project.yml": "name: demo\nprofile: demo\n",
    "dbt/demo/profiles.yml": """
    demo:
      target: dev
      outputs:
        dev:
          type: postgres
          host: {{ env_var('MART_HOST') }}
          port: 5432
          user: me
          pass: hunter22
        prod: {type: bigquery, method: oauth, dataset: marts}
    """,
    f"dbt/{MODEL}.sql": "select '{{ env_var(\"MART_NAME\") }}' from {{ ref('raw') }}\n",
    "dbt/demo/models/raw.sql": "select 1\n",
    "dbt/demo/seeds/cities.csv": "id\n1\n",
    "dbt/demo/target/manifest.json": "{}",
    "dbt/demo/logs/dbt.log.txt": "x",
    "dbt/demo/.env": "A=b\n",
    "dbt/other/dbt_project.yml": "name: other\n",
}


def read(tmp_path: Path, *more: dict[str, str]) -> tuple[Project, Pipeline]:
    project, problems = survey(written(tmp_path, SHOP, DBT, *more))
    assert project is not None, problems
    return project, next(p for p in project.pipelines if p.id == "marts")


def block(pipeline: Pipeline, name: str) -> Block:
    return next(b for b in pipeline.blocks if b.id == name)


def test_both_sorts_of_blocks_pass(tmp_path: Path) -> None:
    project, _ = read(tmp_path)
    assert check(project) == ()


def test_the_bundle_holds_the_dbt_project_and_no_credential(tmp_path: Path) -> None:
    project, pipeline = read(tmp_path)
    made = bundle(project, pipeline, block(pipeline, MODEL))
    own = {path for path in made.files if path.startswith("project/")}
    assert own == {
        f"project/shop/dbt/{MODEL}.sql",
        "project/shop/dbt/demo/dbt_project.yml",
        "project/shop/dbt/demo/models/raw.sql",
        "project/shop/dbt/demo/profiles.yml",
        "project/shop/dbt/demo/seeds/cities.csv",
    }
    assert not any(b"hunter22" in content for content in made.files.values())
    profiles = made.files["project/shop/dbt/demo/profiles.yml"].decode()
    assert "pass: {{ env_var('DBT_DEMO_OUTPUTS_DEV_PASS') | tojson }}" in profiles
    facts = json.loads(made.files["block.json"])["dbt"]
    assert facts == {
        "folder": "dbt/demo", "profiles": "dbt/demo/profiles.yml", "returns": False,
    }  # fmt: skip


def test_a_command_line_travels_with_its_project(tmp_path: Path) -> None:
    project, pipeline = read(tmp_path)
    made = bundle(project, pipeline, block(pipeline, "nightly"))
    assert made.files["project/shop/dbts/nightly.yaml"] == b"--select tag:nightly\n"
    assert f"project/shop/dbt/{MODEL}.sql" in made.files


def test_what_it_asks_for_becomes_settings(tmp_path: Path) -> None:
    project, pipeline = read(tmp_path)
    names = {"DBT_DEMO_OUTPUTS_DEV_PASS", "MART_HOST", "MART_NAME"}
    assert set(needed(project, pipeline, block(pipeline, MODEL))) == names
    assert needed(project, pipeline, block(pipeline, "load")) == ()
    (literal,) = literals(project)
    assert (literal.name, literal.value) == ("DBT_DEMO_OUTPUTS_DEV_PASS", "hunter22")


@pytest.mark.parametrize(
    ("target", "adapters"),
    [(None, {"dbt-postgres<2"}), ("prod", {"dbt-bigquery<2"}),
     ("{{ env_var('T') }}", {"dbt-postgres<2", "dbt-bigquery<2"})],
)  # fmt: skip
def test_only_the_targets_adapter_is_required(
    tmp_path: Path, target: str | None, adapters: set[str]
) -> None:
    project, pipeline = read(tmp_path, aimed(target))
    lines = requirements(project, pipeline, block(pipeline, "nightly"))
    assert {line for line in lines if line.startswith("dbt-")} - adapters == {"dbt-core<1.11"}
    assert adapters <= set(lines)
    roles = {want.role for want in wants(project, pipeline, "p")}
    assert ("roles/bigquery.jobUser" in roles) == ("dbt-bigquery<2" in adapters)


def aimed(target: str | None) -> dict[str, str]:
    """The command line, for another target."""
    settings: dict[str, Any] = {"dbt_project_name": "demo"}
    settings |= {"dbt_profile_target": target} if target else {}
    entry = {"uuid": "nightly", "type": "dbt", "language": "yaml", "configuration": settings}
    return {"pipelines/marts/metadata.yaml": json.dumps({"blocks": [entry]})}


def test_a_python_block_below_wants_the_rows(tmp_path: Path) -> None:
    text = DBT["pipelines/marts/metadata.yaml"]
    more = f"- {{uuid: store, type: data_exporter, upstream_blocks: [{MODEL}]}}\n"
    project, pipeline = read(tmp_path, {"pipelines/marts/metadata.yaml": f"{text}{more}"})
    made = bundle(project, pipeline, block(pipeline, MODEL))
    assert json.loads(made.files["block.json"])["dbt"]["returns"] is True


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"dbt/demo/dbt_project.yml": None}, "lies in no dbt project"),
        ({"dbt/demo/profiles.yml": None}, "needs profiles.yml"),
        ({"dbt/demo/profiles.yml": "other: {}\n"}, "profile 'demo', of which"),
        (
            {"dbt/demo/profiles.yml": "demo: {outputs: {default: {type: oracle}}}\n"},
            "adapter 'oracle', unknown here",
        ),
        (
            {"dbt/demo/profiles.yml": "demo: {outputs: {default: {type: duckdb, path: x.db}}}\n"},
            "disk of its own",
        ),
    ],
)
def test_what_a_model_lacks_is_told_with_its_line(
    tmp_path: Path, files: dict[str, str | None], words: str
) -> None:
    root = written(tmp_path, SHOP, DBT, {k: v for k, v in files.items() if v is not None})
    for name, text in files.items():
        if text is None:
            (root / name).unlink()
    project, _ = survey(root)
    assert project is not None
    told = [p for p in check(project) if MODEL in p.message]
    assert [p.line for p in told] == [3]
    assert words in told[0].message
    assert told[0].hint


def test_motherduck_is_shared(tmp_path: Path) -> None:
    text = "demo: {outputs: {default: {type: duckdb, path: 'md:marts'}}}\n"
    project, _ = read(tmp_path, {"dbt/demo/profiles.yml": text})
    assert check(project) == ()


def test_an_sql_block_below_is_told_where_the_model_is(tmp_path: Path) -> None:
    text = DBT["pipelines/marts/metadata.yaml"].replace("language: yaml", "language: sql")
    text = text.replace(
        "type: dbt\n      language: sql\n      upstream_blocks: [demo",
        "type: custom\n      language: sql\n      upstream_blocks: [demo",
    )
    profiles = DBT["dbt/demo/profiles.yml"].replace("user: me", "schema: marts")
    project, pipeline = read(
        tmp_path,
        {"pipelines/marts/metadata.yaml": text, "dbt/demo/profiles.yml": profiles},
        {"custom/nightly.sql": "SELECT * FROM {{ df_1 }}\n"},
    )
    made = bundle(project, pipeline, block(pipeline, "nightly"))
    about = json.loads(made.files["block.json"])["upstream_specs"][MODEL]["configuration"]
    assert (about["data_provider_table"], about["dbt_schema"]) == ("orders", "marts")
