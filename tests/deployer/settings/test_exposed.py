"""Variables that look like credentials."""

from __future__ import annotations

from pathlib import Path

from deployer.inspection import inspect
from deployer.load import load
from deployer.settings.exposed import exposed
from tests.deployer.making import DAILY, SHOP, written

VARIABLES = """\
    variables:
      rows: 3
      db_password: hunter2-and-more
      api_key: "{{ env_var('API_KEY') }}"
      token: your_token
      token_url: https://example.com/token
"""
TRIGGERS = """
triggers:
- name: nightly
  schedule_type: time
  schedule_interval: "@daily"
  status: active
  variables: {shop_secret: planted-in-trigger}
"""


def test_they_are_told_with_their_line_and_without_their_value(tmp_path: Path) -> None:
    files = {
        "pipelines/daily/metadata.yaml": DAILY + VARIABLES,
        "pipelines/daily/triggers.yaml": TRIGGERS,
    }
    root = written(tmp_path, SHOP, files)
    password, secret = exposed(load(root))
    text = (root / "pipelines/daily/metadata.yaml").read_text().splitlines()
    assert "db_password" in text[password.line - 1]
    assert "'db_password'" in password.message
    assert secret.path.name == "triggers.yaml"
    assert "hunter2" not in str(password)
    assert "planted" not in str(secret)
    assert password in inspect(root).remarks


def test_a_project_without_any(tmp_path: Path) -> None:
    assert list(exposed(load(written(tmp_path, SHOP)))) == []
