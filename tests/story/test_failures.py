"""What goes wrong in a run, as the person who started it sees it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.story.conftest import Done, World

PROJECT = "faults"
LOADER = """
from mage_ai.data_preparation.decorators import data_loader, test

@data_loader
def load(*args, **kwargs):
    {body}

@test
def test_output(output, *args):
    {test}
"""
FROM_POSTGRES = """
    from mage_ai.io.config import ConfigFileLoader
    from mage_ai.io.postgres import Postgres
    from mage_ai.settings.repo import get_repo_path

    config = ConfigFileLoader(get_repo_path() + '/io_config.yaml', 'wrong')
    with Postgres.with_config(config) as loader:
        return loader.load('select 1 as one')
"""
KILLED = """
    import os, signal

    print(f"attempt {kwargs['retry']['attempts']} begins", flush=True)
    if kwargs['retry']['attempts'] == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return 'survived'
"""
BLOCKS = {
    "failing_test": (
        "print('three rows'); return {'rows': 3}",
        "assert output['rows'] > 5, 'too few'",
    ),
    "exception": ("print('about to divide'); return 1 / 0", "pass"),
    "wrong_password": (FROM_POSTGRES.strip(), "pass"),
    "killed": (KILLED.strip(), "pass"),
    "killed_once": (KILLED.strip(), "assert output == 'survived'"),
    "healthy": ("print('all is well'); return 'fine'", "assert output == 'fine'"),
}
IO_CONFIG = """
version: 0.1.1
default: &postgres
  POSTGRES_DBNAME: "{{ env_var('POSTGRES_DBNAME') }}"
  POSTGRES_SCHEMA: public
  POSTGRES_USER: "{{ env_var('POSTGRES_USER') }}"
  POSTGRES_PASSWORD: "{{ env_var('POSTGRES_PASSWORD') }}"
  POSTGRES_HOST: "{{ env_var('POSTGRES_HOST') }}"
  POSTGRES_PORT: "{{ env_var('POSTGRES_PORT') }}"
wrong:
  <<: *postgres
  POSTGRES_PASSWORD: "{{ env_var('FORGOTTEN_PASSWORD') }}"
"""


@pytest.fixture(scope="module")
def faults(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose pipelines each fail in a way of their own, deployed."""
    project = tmp_path_factory.mktemp("projects") / PROJECT
    write(project / "metadata.yaml", "project_type: standalone\n")
    write(project / "io_config.yaml", IO_CONFIG)
    write(project / ".env", "FORGOTTEN_PASSWORD=guess\n")
    write(project / "custom/after.py", "@custom\ndef after(*args, **kwargs):\n    return 'ran'\n")
    for name, (body, test) in BLOCKS.items():
        write(project / f"data_loaders/{name}.py", LOADER.format(body=body, test=test))
        retry = {"retries": 2, "delay": 0.1} if name == "killed_once" else None
        pipeline(project, name, block(name, "data_loader", retry_config=retry))
    write(project / "data_loaders/missing_table.sql", "select * from nowhere.to_be_found")
    sql = {"data_provider": "postgres", "data_provider_profile": "default", "use_raw_sql": True}
    first = block("missing_table", "data_loader", language="sql", configuration=sql)
    pipeline(project, "missing_table", first)
    world.blocklift("deploy", project)
    return project


def block(uuid: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"uuid": uuid, "type": kind, "language": "python", "upstream_blocks": [], **more}


def pipeline(project: Path, name: str, first: dict[str, Any]) -> None:
    """The block in question, and one after it."""
    after = block("after", "custom", upstream_blocks=[first["uuid"]])
    text = yaml.safe_dump({"uuid": name, "type": "python", "blocks": [first, after]})
    write(project / f"pipelines/{name}/metadata.yaml", text)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def ran_after(world: World, name: str, done: Done) -> bool:
    found = re.search(r"run (\S+) of", done.out)
    assert found, done.said
    return bool(
        world.objects(
            f"blocklift-local-blocklift-{PROJECT}", f"runs/{PROJECT}/{name}/{found[1]}/after/"
        )
    )


FAILURES = {
    "failing_test": ("TestsFailed", "test_output: too few", "three rows"),
    "exception": ("ZeroDivisionError", "division by zero", "about to divide"),
    "missing_table": ("", r'relation "nowhere\.to_be_found" does not exist', ""),
    "wrong_password": ("", "password authentication failed", ""),
    "killed": ("", "", "attempt 1 begins"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_run_that_fails_says_where_and_why_and_stops_there(
    world: World, faults: Path, name: str
) -> None:
    kind, message, line = FAILURES[name]
    done = world.blocklift("run", faults, name, code=1)
    assert f"block {name} failed" in done.err
    assert kind in done.err
    assert re.search(message, done.err), done.err
    assert line in done.err
    assert "guess" not in done.said
    assert not ran_after(world, name, done)


def test_a_block_that_was_killed_is_tried_again_when_it_says_so(world: World, faults: Path) -> None:
    done = world.blocklift("run", faults, "killed_once")
    assert "killed_once: done" in done.out
    assert ran_after(world, "killed_once", done)


def test_the_place_in_the_users_own_file_is_shown(world: World, faults: Path) -> None:
    done = world.blocklift("run", faults, "exception", code=1)
    assert re.search(r"data_loaders/exception\.py:6", done.err), done.err


def test_after_all_that_the_cloud_is_as_it_was(world: World, faults: Path) -> None:
    assert "healthy: done" in world.blocklift("run", faults, "healthy").out
    assert world.get("/emulator/v1/health")["data"] == str(world.data)


def test_the_log_of_a_failed_run_can_be_read_later(world: World, faults: Path) -> None:
    done = world.blocklift("run", faults, "failing_test", code=1)
    run = re.search(r"run (\S+) of", done.out)
    assert run
    assert "three rows" in world.blocklift("logs", faults, run[1], "--block", "failing_test").out
