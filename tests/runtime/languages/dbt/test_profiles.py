"""profiles.yml: rendered, chosen, settled."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from runtime.errors import SettingsProblem
from runtime.languages.dbt.profiles import connection, settled

TEXT = """
shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('SHOP_HOST') }}"
      port: "{{ env_var('SHOP_PORT', 5432) | as_number }}"
      password: "{{ mage_secret_var('SHOP_WORD') }}"
      schema: "{{ variables('schema') }}"
      threads: 4
    local: {type: duckdb, path: x.db}
"""


def test_templates_are_rendered_and_numbers_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_HOST", "db.example")
    monkeypatch.setenv("SHOP_WORD", "it's: {#1}")
    found = connection(TEXT, "shop", "", {"schema": "s"}, "profiles.yml")
    written = yaml.safe_load(found.to_yaml())["shop"]
    assert written["target"] == "dev"
    assert written["outputs"]["dev"] == {
        "type": "postgres", "host": "db.example", "port": 5432, "password": "it's: {#1}",
        "schema": "s", "threads": 4,
    }  # fmt: skip


@pytest.mark.parametrize(("target", "adapter", "schema"), [("local", "duckdb", "main")])
def test_a_target_is_chosen(target: str, adapter: str, schema: str) -> None:
    found = connection(TEXT, "shop", target, {}, "profiles.yml")
    assert (found.adapter, found.schema) == (adapter, schema)
    assert "dev" not in yaml.safe_load(found.to_yaml())["shop"]["outputs"]


@pytest.mark.parametrize(
    ("profile", "target", "words"),
    [("other", "", "no profile 'other'"), ("shop", "prod", "no output 'prod'; it has: dev, local")],
)
def test_what_is_not_there_is_named(profile: str, target: str, words: str) -> None:
    with pytest.raises(SettingsProblem, match=words):
        connection(TEXT, profile, target, {}, "profiles.yml")


def test_a_key_file_that_stayed_at_home_means_the_own_identity(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    output = {"type": "bigquery", "method": "service-account", "keyfile": str(key), "dataset": "d"}
    assert settled(output) == {"type": "bigquery", "method": "oauth", "dataset": "d"}
    key.write_text("{}")
    assert settled(output) == output
