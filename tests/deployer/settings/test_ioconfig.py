"""io_config.yaml as text: who asks for what, and credentials written out."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
import yaml

from deployer.settings.ioconfig import IoConfig, read

TEXT = """version: 0.1.1
default:
  # {{ env_var('OLD') }}
  POSTGRES_USER: "{{ env_var('PG_USER') }}"
  POSTGRES_PASSWORD: hunter2  # real
  POSTGRES_HOST: db.example.org
  AWS_SESSION_TOKEN: session_token (Used to generate Redshift credentials)
  MONGODB_CONNECTION_STRING: "mongodb://{username}:{password}@{host}:{port}/"
  GOOGLE_SERVICE_ACC_KEY:
    type: service_account
    private_key: |
      -----BEGIN PRIVATE KEY-----
      c2VjcmV0
      -----END PRIVATE KEY-----
    client_email: a@b.iam.gserviceaccount.com
  GOOGLE_SERVICE_ACC_KEY_FILEPATH: "/path/to/key.json"
dev:
  POSTGRES_PASSWORD: '{{ mage_secret_var("dev_password") }}'
  SNOWFLAKE_PASSWORD: "p@ss'word"
  API_TOKEN: {{ env_var('TOKEN') }}
  URL: postgresql://me:hunter3@db/x
"""


def config(tmp_path: Path, text: str = TEXT) -> IoConfig:
    path = tmp_path / "io_config.yaml"
    path.write_text(text)
    return read(path)


def test_names_by_profile(tmp_path: Path) -> None:
    found = config(tmp_path)
    assert set(found.names(frozenset({"default"}))) == {
        "PG_USER",
        "IO_DEFAULT_POSTGRES_PASSWORD",
        "IO_DEFAULT_GOOGLE_SERVICE_ACC_KEY_PRIVATE_KEY",
    }
    assert {"dev_password", "TOKEN"} <= set(found.names(frozenset({"dev"})))
    assert set(found.names(None)) > set(found.names(frozenset({"dev"})))


def test_literals_have_their_line_and_value(tmp_path: Path) -> None:
    found = {literal.name: literal for literal in config(tmp_path).literals}
    assert found["IO_DEFAULT_POSTGRES_PASSWORD"].value == "hunter2"
    assert found["IO_DEFAULT_POSTGRES_PASSWORD"].place.line == 5
    assert found["IO_DEV_SNOWFLAKE_PASSWORD"].value == "p@ss'word"
    assert found["IO_DEV_URL"].value == "postgresql://me:hunter3@db/x"
    assert len(found) == 4


def test_the_copy_holds_no_secret_and_gives_the_same_values(tmp_path: Path) -> None:
    found = config(tmp_path)
    copy = found.without_secrets()
    for literal in found.literals:
        assert literal.value.splitlines()[0] not in copy
    assert "c2VjcmV0" not in copy
    environment = {literal.name: literal.value for literal in found.literals}
    jinja = jinja2.Environment(autoescape=False)
    functions = {
        "env_var": lambda name: environment.get(name, f"<{name}>"),
        "mage_secret_var": lambda name: f"<{name}>",
    }
    rendered = yaml.safe_load(jinja.from_string(copy).render(functions))
    original = yaml.safe_load(jinja.from_string(TEXT).render(functions))
    assert rendered == original


@pytest.mark.parametrize(
    "line",
    [
        "POSTGRES_PASSWORD: password",
        "POSTGRES_PASSWORD: your_password",
        "POSTGRES_PASSWORD: <password>",
        "POSTGRES_PASSWORD:",
        "POSTGRES_PASSWORD: \"{{ env_var('X') }}\"",
        "SNOWFLAKE_PRIVATE_KEY_PATH: /home/me/key.p8",
        "POSTGRES_HOST: localhost",
        "AWS_ACCESS_KEY_ID: null",
        'GOOGLE_SERVICE_ACC_KEY: {private_key: "-----BEGIN PRIVATE KEY-----\\nyour_private_key"}',
    ],
)
def test_placeholders_are_no_secrets(tmp_path: Path, line: str) -> None:
    assert config(tmp_path, f"default:\n  {line}\n").literals == ()


def test_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    text = "default:\n  A: [\n  POSTGRES_PASSWORD: hunter2\n  B: {{ env_var('B') }}\n"
    found = config(tmp_path, text)
    assert [literal.value for literal in found.literals] == ["hunter2"]
    assert "hunter2" not in found.without_secrets()
    assert set(found.names(None)) == {"B", "IO_DEFAULT_POSTGRES_PASSWORD"}
