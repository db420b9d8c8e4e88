"""Load, check and compile together."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.errors import ProjectError, UsageError
from deployer.inspection import compiled, found_pipeline, inspect
from emulator.workflows.parse import parse
from tests.deployer.making import SHOP, written


def test_problems_of_reading_and_of_checking_together(tmp_path: Path) -> None:
    files = {
        "pipelines/bad/metadata.yaml": "blocks: [\n",
        "data_loaders/load.py": "",
        "io_config.yaml": "default:\n  POSTGRES_PASSWORD: hunter2\n",
    }
    found = inspect(written(tmp_path, SHOP, files))
    assert len(found.problems) == 2
    assert [remark.line for remark in found.remarks] == [2]
    assert "hunter2" not in str(found.remarks)


def test_a_definition_that_is_too_large_is_a_problem(tmp_path: Path) -> None:
    entry = "- {{uuid: a_long_name_for_a_block_{0}, type: data_loader, content: '{1}'}}\n"
    code = "@data_loader"
    text = "blocks:\n" + "".join(entry.format(n, code) for n in range(3500))
    files = {"pipelines/daily/metadata.yaml": text}
    found = inspect(written(tmp_path, SHOP, files))
    assert found.problems


def test_one_pipeline_compiles_though_another_is_broken(tmp_path: Path) -> None:
    root = written(tmp_path, SHOP, {"pipelines/bad/metadata.yaml": "blocks: [\n"})
    parse(compiled(root, "daily", "bucket").text)
    with pytest.raises(ProjectError):
        compiled(root, "bad", "bucket")


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as found:
        found_pipeline(written(tmp_path, SHOP), "dayly")
    assert "daily" in found.value.hint


def test_settings_of_triggers_that_do_nothing_here_are_named(tmp_path: Path) -> None:
    text = """
        triggers:
        - name: nightly
          schedule_type: time
          schedule_interval: 0 5 * * *
          start_time: 2999-01-01 00:00:00
          status: active
          settings: {landing_time_enabled: true, skip_if_previous_running: true}
        - {name: first, schedule_type: time, schedule_interval: '@once', status: active}
    """
    root = written(tmp_path, SHOP, {"pipelines/daily/triggers.yaml": text})
    said = [(remark.line, remark.message) for remark in inspect(root).remarks]
    assert said == [
        (2, "trigger 'nightly' sets landing_time_enabled, which is not heeded here"),
        (8, "trigger 'first' is @once and its start_time is over, or not there"),
    ]
