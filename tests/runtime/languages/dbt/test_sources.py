"""mage_sources.yml."""

from __future__ import annotations

from runtime.languages.dbt.sources import asked, declared, source_name, table


def test_names_follow_project_pipeline_and_block() -> None:
    assert source_name("/p/dbt/demo") == "mage_demo"
    assert table("daily", "sub/load orders") == "daily_sub_load_orders"


def test_sources_are_found_in_models() -> None:
    texts = [
        "select * from {{ source('mage_demo', 'daily_load') }}",
        'join {{source ( "mage_demo","daily_more" )}} join {{ source("raw", "x") }}',
    ]
    assert asked(texts, ["mage_demo"]) == ["daily_load", "daily_more"]


def test_a_committed_file_keeps_what_is_not_ours() -> None:
    before = {
        "version": 2,
        "sources": [
            {"name": "raw", "tables": [{"name": "x"}]},
            {"name": "mage_demo", "schema": "old", "database": "old", "description": "d",
             "tables": [{"name": "daily_load", "identifier": "elsewhere"}]},
        ],
    }  # fmt: skip
    after = declared(before, ["mage_demo", "mage_shop"], ["daily_load", "daily_new"], "public")
    raw, ours, other = after["sources"]
    assert raw == before["sources"][0]  # type: ignore[index]
    assert (ours["schema"], ours["description"], "database" in ours) == ("public", "d", False)
    assert ours["tables"] == [
        {"name": "daily_load", "identifier": "elsewhere"},
        {"name": "daily_new", "identifier": "mage_daily_new"},
    ]
    assert other["name"] == "mage_shop"
