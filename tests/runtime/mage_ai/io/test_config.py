"""io_config.yaml: flat and nested profiles, templates, and the other loaders."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.errors import SettingsProblem
from runtime.mage_ai.io.config import ConfigFileLoader, ConfigKey, EnvironmentVariableLoader
from runtime.mage_ai.io.io_config import IOConfig

TEXT = """
version: 0.1.1
default:
  POSTGRES_HOST: "{{ env_var('DB_HOST') }}"
  POSTGRES_PORT: {{ env_var('DB_PORT', 5432) }}
  POSTGRES_PASSWORD: "{{ mage_secret_var('db password') }}"
  POSTGRES_USER: {{ env_var('NOT_SET') }}
  POSTGRES_SCHEMA: null
  CUSTOM: "{{ json_value(env_var('JSON'), 'inner') }}"
old:
  PostgreSQL:
    database: d
    host: h
  BigQuery:
    path_to_credentials: /key.json
  AWS:
    region: eu
    Redshift:
      user: r
  Snowflake:
    warehouse: wh
  POSTGRES_USER: ignored
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DB_HOST", "db.example")
    monkeypatch.setenv("DB_PASSWORD", "012")
    monkeypatch.setenv("JSON", '{"inner": "x"}')
    file = tmp_path / "io_config.yaml"
    file.write_text(TEXT)
    return file


def test_a_flat_profile(path: Path) -> None:
    config = ConfigFileLoader(str(path))
    assert config[ConfigKey.POSTGRES_HOST] == "db.example"
    assert config.get("POSTGRES_PORT") == 5432
    assert config["POSTGRES_PASSWORD"] == "012"
    assert config["POSTGRES_USER"] == "None"
    assert config["CUSTOM"] == "x"
    assert config["NOWHERE"] is None
    assert ("POSTGRES_SCHEMA" in config, "NOWHERE" in config) == (True, False)
    assert (config.version, config.profile) == ("0.1.1", "default")


def test_a_nested_profile(path: Path) -> None:
    config = ConfigFileLoader(path, "old")
    assert config.use_verbose_format
    assert config[ConfigKey.POSTGRES_DBNAME] == "d"
    assert config["POSTGRES_USER"] is None
    assert config["GOOGLE_SERVICE_ACC_KEY_FILEPATH"] == "/key.json"
    assert (config["AWS_REGION"], config["REDSHIFT_TEMP_CRED_USER"]) == ("eu", "r")
    assert config["SNOWFLAKE_DEFAULT_WH"] == "wh"
    assert ("POSTGRES_HOST" in config, "POSTGRES_PORT" in config) == (True, False)


def test_what_is_missing_is_said(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError, match=r"has no profile 'dev' \(it has default, old\)"):
        ConfigFileLoader(path, "dev")
    with pytest.raises(SettingsProblem, match=r"there is no io_config\.yaml"):
        ConfigFileLoader(path.parent / "other/io_config.yaml")
    path.write_text("default:\n  A: \"{{ mage_secret_var('gone') }}\"\n")
    assert ConfigFileLoader(path)["A"] == "None"
    assert "no secret named 'gone'" in capsys.readouterr().out


def test_the_other_spelling_of_the_file_is_found(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.rename(path.with_suffix(".yml"))
    monkeypatch.setenv("MAGE_RUNTIME__REPO_PATH", str(path.parent))
    assert ConfigFileLoader()["POSTGRES_HOST"] == "db.example"
    assert IOConfig(str(path)).use("default")["POSTGRES_HOST"] == "db.example"


def test_settings_given_directly_or_by_the_environment(path: Path) -> None:
    assert ConfigFileLoader(config={"A": 1})["A"] == 1
    loader = EnvironmentVariableLoader()
    assert (loader["DB_HOST"], "DB_HOST" in loader, loader["NOPE"]) == ("db.example", True, None)
