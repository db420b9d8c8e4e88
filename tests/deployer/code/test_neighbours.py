"""Which other pipelines a block speaks to, and what it may therefore do."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.bundle import spec
from deployer.code.neighbours import Neighbours, neighbours, prefixes
from deployer.load import load
from deployer.model import Project
from tests.deployer.making import LOADER, SHOP, written

NIGHTLY = """
    blocks: [{uuid: night, type: data_loader, upstream_blocks: []}]
    variables: {base: 7}
"""
STREAM = "type: streaming\nblocks: []\n"
OTHERS = {
    "pipelines/nightly/metadata.yaml": NIGHTLY,
    "pipelines/stream/metadata.yaml": STREAM,
    "data_loaders/night.py": LOADER,
}


def asked(tmp_path: Path, code: str) -> tuple[Project, Neighbours]:
    project = load(written(tmp_path, SHOP, OTHERS, {"data_loaders/load.py": LOADER + code}))
    return project, neighbours(project, project.pipelines[0].blocks[0])


CALLS = {
    "trigger_pipeline('nightly')": Neighbours(started=("nightly",)),
    "trigger_pipeline(pipeline_uuid='nightly', variables={'a': name})": Neighbours(
        started=("nightly",)
    ),
    "trigger_pipeline(kwargs['which'])": Neighbours(started=("daily", "nightly")),
    "trigger_pipeline('stream')": Neighbours(),
    "NAME = 'nightly'\ntrigger_pipeline(NAME)": Neighbours(started=("nightly",)),
    "check_status('nightly', date)": Neighbours(started=("nightly",), read=("nightly",)),
    "get_variable('nightly', 'night', 'output_0')": Neighbours(read=("nightly",)),
    "get_global_variable('nightly', 'base')": Neighbours(known=("nightly",)),
    "vm.set_global_variable('daily', 'mark', 1)": Neighbours(changed=("daily",)),
    "print('nightly')": Neighbours(),
}


@pytest.mark.parametrize("code", CALLS)
def test_pipelines_are_found_by_the_calls_that_name_them(tmp_path: Path, code: str) -> None:
    assert asked(tmp_path, code)[1] == CALLS[code]


def test_a_function_is_told_of_workflows_and_variables(tmp_path: Path) -> None:
    code = "trigger_pipeline('nightly')\nget_global_variables('nightly')\n"
    project, _ = asked(tmp_path, code)
    daily, nightly = project.pipelines[:2]
    told = spec(project, daily, daily.blocks[0])
    assert told.workflows == {"nightly": "nightly"}
    assert told.pipeline_variables == {"nightly": {"base": 7}}
    assert not told.global_variables
    assert spec(project, nightly, nightly.blocks[0]).workflows == {}


def test_only_pipelines_whose_variables_are_set_look_them_up(tmp_path: Path) -> None:
    project, _ = asked(tmp_path, "set_global_variable('nightly', 'mark', 1)")
    daily, nightly = project.pipelines[:2]
    assert spec(project, nightly, nightly.blocks[0]).global_variables
    assert not spec(project, daily, daily.blocks[0]).global_variables


def test_rights_go_no_further_than_what_is_read_and_set(tmp_path: Path) -> None:
    code = "get_variable('nightly', 'night')\nset_global_variable('nightly', 'mark', 1)\n"
    project, _ = asked(tmp_path, code)
    daily, nightly = project.pipelines[:2]
    assert list(prefixes(project, daily)) == [
        ("roles/storage.objectViewer", "runs/shop/nightly/"),
        ("roles/storage.objectUser", "state/shop/nightly/"),
    ]
    assert list(prefixes(project, nightly)) == [
        ("roles/storage.objectViewer", "state/shop/nightly/")
    ]
