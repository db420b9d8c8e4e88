"""Blocks in R, YAML and dbt between Python blocks, on the local cloud."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.story.conftest import BLOCKLIFT
from tests.story.mage.making import Folder, Ran, ran, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

needs_r = pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="no Rscript here (Debian: r-base-core)"
)
LOAD = """
import pandas as pd

@data_loader
def load(*args, **kwargs):
    return pd.DataFrame({'id': [1, 2, 3], 'item': ['tea', 'milk', 'tea']})
"""
TRANSFORM = """
transform <- function(df_1, ...) {
  if (global_vars["fail"] == "TRUE") {
    stop("asked to fail")
  }
  df_1$id <- df_1$id * as.numeric(global_vars["factor"])
  df_1
}
"""
SEE = "return [dict(row) for row in args[0].to_dict('records')]"
MODEL = """
{{ config(materialized='table') }}
select item, count(*) as times from {{ source('mage_marts', 'dbt_run_load') }} group by item
"""
PROFILES = """
marts:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('POSTGRES_HOST') }}"
      port: "{{ env_var('POSTGRES_PORT') | int }}"
      user: "{{ env_var('POSTGRES_USER') }}"
      password: "{{ env_var('POSTGRES_PASSWORD') }}"
      dbname: "{{ env_var('POSTGRES_DBNAME') }}"
      schema: marts
      threads: 2
"""


class Numbers(BaseHTTPRequestHandler):
    """Answers every GET with three rows."""

    def do_GET(self) -> None:
        body = json.dumps({"rows": [{"n": n} for n in range(3)]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def numbers() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Numbers)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/numbers"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def project(world: World, tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path / "tongues")
    made.file("metadata.yaml", "project_type: standalone\n")
    yield made
    world.blocklift("destroy", made.root, "--yes", "--data")


@needs_r
def test_r_stands_between_python_blocks(world: World, project: Folder) -> None:
    project.pipeline(
        "r_run",
        project.block("load", "data_loader", LOAD),
        project.block("times", "transformer", TRANSFORM, "load", language="r"),
        project.block("see", "custom", SEE, "times"),
        variables={"factor": 10, "fail": False},
    )
    world.blocklift("deploy", project.root, "--yes")
    run = succeeded(world, "tongues", "r_run")
    assert run.outputs("see")[0] == {"id": 10, "item": "tea"}

    failed = ran(world, "tongues", "r_run", fail=True)
    assert failed.state == "FAILED"
    said = world.blocklift("run", project.root, "r_run", "--var", "fail=true", code=1).said
    assert "asked to fail" in said
    assert "times.r:3" in said


def test_a_yaml_source_feeds_a_python_block(world: World, project: Folder, numbers: str) -> None:
    text = f"source: api\nconfig:\n  url: {numbers}\n  response_parser: rows\n"
    project.pipeline(
        "api_run",
        project.block("numbers", "data_loader", text, language="yaml"),
        project.block("see", "custom", SEE, "numbers"),
    )
    world.blocklift("deploy", project.root, "--yes")
    assert succeeded(world, "tongues", "api_run").outputs("see") == [{"n": n} for n in range(3)]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_dbt_models_between_python_blocks(world: World, project: Folder) -> None:
    """The functions' layers hold a real dbt, which pip fetches once: minutes."""
    project.file("dbt/marts/dbt_project.yml", "name: marts\nprofile: marts\nversion: 1.0.0\n")
    project.file("dbt/marts/profiles.yml", PROFILES)
    project.file("dbt/marts/models/items.sql", MODEL)
    checks = "models:\n- {name: items, columns: [{name: item, data_tests: [unique]}]}\n"
    project.file("dbt/marts/models/schema.yml", f"version: 2\n{checks}")
    project.file("dbts/checked.yaml", "--select items\n")
    model = {"language": "sql", "configuration": {"file_path": "dbt/marts/models/items.sql"}}
    line = {"dbt_project_name": "dbt/marts", "dbt": {"command": "test"}}
    project.pipeline(
        "dbt_run",
        project.block("load", "data_loader", LOAD),
        project.block("marts/models/items", "dbt", "", "load", **model),
        project.block("checked", "dbt", "", "marts/models/items", language="yaml",
                      configuration=line),
        project.block("see", "custom", SEE, "marts/models/items"),
    )  # fmt: skip
    patiently(world, "deploy", str(project.root), "--yes")
    execution = json.loads(patiently(world, "run", str(project.root), "dbt_run", "--json"))
    assert sorted(world.sql("SELECT item, times FROM marts.items")) == [("milk", 1), ("tea", 2)]
    run = Ran(world, "tongues", "dbt_run", "SUCCEEDED", execution["run"])
    seen = run.outputs("see")
    assert sorted((row["item"], row["times"]) for row in seen) == [("milk", 1), ("tea", 2)]


def patiently(world: World, *words: str) -> str:
    """A command that may install much."""
    done = subprocess.run(
        [BLOCKLIFT, *words], env=world.environment(), capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
