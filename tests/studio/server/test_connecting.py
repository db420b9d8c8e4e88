"""Connections tried in their real process: refused ones, and what is said of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from deployer.load import survey
from studio.server.connecting import without_values
from studio.server.connections import Connections
from studio.server.session import Session

CONFIG = """version: 0.1.1
default:
  POSTGRES_HOST: 127.0.0.1
  POSTGRES_PORT: {port}
  POSTGRES_DBNAME: planted_database
  POSTGRES_USER: planted_user
  POSTGRES_PASSWORD: "{{{{ env_var('WAREHOUSE_PASSWORD') }}}}"
empty:
  SOMETHING: else
"""


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def tried(path: Path, profile: str) -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "studio.server.connecting"],
        input=json.dumps({"path": str(path), "profile": profile}),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "WAREHOUSE_PASSWORD": "planted", "STUDIO_SECRETS": "WAREHOUSE_PASSWORD"},
    )
    return json.loads(done.stdout), done.stdout


def test_a_server_that_is_not_there_is_said_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "io_config.yaml"
    path.write_text(CONFIG.format(port=closed_port()))
    (found,), text = tried(path, "default")
    assert (found["service"], found["ok"]) == ("Postgres", False)
    assert found["said"]
    assert "planted" not in text


def test_a_profile_without_services_is_an_empty_answer(tmp_path: Path) -> None:
    path = tmp_path / "io_config.yaml"
    path.write_text(CONFIG.format(port=1))
    assert tried(path, "empty")[0] == []
    assert tried(path, "absent")[0][0]["ok"] is False


def test_values_are_hidden_wherever_they_stand() -> None:
    config = {"POSTGRES": {"password": "hunter22", "hosts": ["db.internal"]}, "n": 1}
    said = without_values("no route to db.internal for hunter22 (code 1)", config)
    assert said == "no route to … for … (code 1)"


def test_profiles_are_listed_with_names_of_settings_only(project: Path) -> None:
    (project / "io_config.yaml").write_text(CONFIG.format(port=1))
    assert survey(project)[0] is not None
    profiles = Connections(Session(project)).profiles()
    assert [(item.name, item.asks_for) for item in profiles] == [
        ("default", ["WAREHOUSE_PASSWORD"]),
        ("empty", []),
    ]


def test_bigquery_is_tried_without_a_key_file_too(tmp_path: Path) -> None:
    path = tmp_path / "io_config.yaml"
    path.write_text("version: 0.1.1\ndefault:\n  GOOGLE_LOCATION: EU\n")
    answer, _ = tried(path, "default")
    assert [item["service"] for item in answer] == ["BigQuery"]
