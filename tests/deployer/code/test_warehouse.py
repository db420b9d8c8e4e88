"""SQL blocks: whose tables nobody fetches, and whose text goes into others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deployer.bundle import spec
from deployer.load import load
from deployer.settings.names import needed
from tests.deployer.making import LOADER, SHOP, written

METADATA = """
    blocks:
    - {uuid: load, type: data_loader, upstream_blocks: []}
    - uuid: one
      type: transformer
      language: sql
      upstream_blocks: [load]
      configuration: {data_provider: postgres, data_provider_profile: default ONE}
    - uuid: two
      type: transformer
      language: sql
      upstream_blocks: [one]
      configuration: {data_provider: postgres, data_provider_profile: default TWO}
    MORE
"""
PYTHON = "- {uuid: look, type: custom, upstream_blocks: [one]}"
GUARD = """
    conditionals:
    - {uuid: when, type: conditional, upstream_blocks: [two]}
"""
TOLD = """
    callbacks:
    - {uuid: tell, type: callback, upstream_blocks: [one]}
"""


def told(tmp_path: Path, one: str = "", two: str = "", more: str = "", text: str = "{{ df_1 }}"):
    metadata = METADATA.replace(" ONE", one).replace(" TWO", two).replace("    MORE", more)
    files = {
        "pipelines/daily/metadata.yaml": metadata,
        "transformers/one.sql": "select {{ env_var('PLANET') }} from {{ df_1 }}",
        "transformers/two.sql": f"select * from {text}",
        "extensions/enough.py": "@extension('great_expectations')\ndef f(v):\n    pass\n",
        "custom/look.py": LOADER.replace("data_loader", "custom"),
        "callbacks/tell.py": "@callback\ndef tell(**kwargs):\n    pass\n",
        "conditionals/when.py": "@condition\ndef when(*args):\n    return True\n",
    }
    project = load(written(tmp_path, SHOP, files))
    return project, project.pipelines[0]


CHECKED = """
    extensions:
      great_expectations:
        blocks: [{uuid: enough, type: extension, upstream_blocks: [one]}]
"""
FETCHED = {
    "checked by an extension": {"more": CHECKED},
    "used by Python": {"more": "    " + PYTHON},
    "used by a condition": {"more": GUARD},
    "seen by a callback": {"more": TOLD},
    "another database": {"two": "", "one": ", data_provider: mysql"},
    "another profile": {"two": " other"},
    "raw": {"one": ", use_raw_sql: true"},
    "a file on one function's disk": {
        "one": ", data_provider: duckdb", "two": ", data_provider: duckdb",
    },
    "its rows are looked into": {"text": "{{ block_output('one', parse=lambda d, v: d[0]) }}"},
    "dynamic": {"one": ", dynamic: true"},
}  # fmt: skip


def test_a_table_that_only_the_next_query_reads_is_not_fetched(tmp_path: Path) -> None:
    project, pipeline = told(tmp_path)
    specs = [spec(project, pipeline, block) for block in pipeline.blocks]
    assert [s.in_warehouse for s in specs] == [False, True, False]  # the last one's is the result


@pytest.mark.parametrize("why", FETCHED)
def test_it_is_fetched_when_anybody_needs_its_rows(tmp_path: Path, why: str) -> None:
    project, pipeline = told(tmp_path, **FETCHED[why])
    assert not spec(project, pipeline, pipeline.blocks[1]).in_warehouse


def test_the_text_of_a_raw_block_travels_with_those_below_it(tmp_path: Path) -> None:
    project, pipeline = told(tmp_path, one=", use_raw_sql: true")
    two = pipeline.blocks[2]
    about = spec(project, pipeline, two).upstream_specs["one"]
    assert about["content"].startswith("select")
    assert about["upstream"] == ["load"]
    assert about["upstream_specs"]["load"]["type"] == "data_loader"
    assert needed(project, pipeline, two) == ("PLANET",)
    plain = replace(two, configuration=dict(two.configuration))
    assert spec(project, pipeline, plain).upstream_specs["one"]["configuration"]["use_raw_sql"]
