"""R runs where a machine has it; the cloud says no before anything is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.errors import ProjectError
from deployer.inspection import inspect
from deployer.languages import refuse_r
from deployer.load import survey
from deployer.target import local, named
from tests.deployer.making import SHOP, written

IN_R = {
    "pipelines/stats/metadata.yaml": """
    blocks:
    - {uuid: numbers, type: data_loader, language: r}
    """,
    "data_loaders/numbers.r": "load_data <- function() data.frame(n = 1:3)\n",
    "blocklift.yaml": "targets: {dev: {project_id: my-project, region: europe-west1}}\n",
}


def test_check_lets_r_pass_and_tells_where_it_runs(tmp_path: Path) -> None:
    found = inspect(written(tmp_path, SHOP, IN_R))
    assert found.problems == ()
    (remark,) = found.remarks
    assert (remark.path.parent.name, remark.line) == ("stats", 2)
    assert "in the local cloud" in remark.hint


def test_a_target_in_google_refuses_the_block_with_its_line(tmp_path: Path) -> None:
    project, _ = survey(written(tmp_path, SHOP, IN_R))
    assert project is not None
    refuse_r(project, local(project, "http://127.0.0.1:1"))
    refuse_r(project, named(project, "dev"), ["daily"])
    with pytest.raises(ProjectError) as refused:
        refuse_r(project, named(project, "dev"))
    (problem,) = refused.value.problems
    assert "block 'numbers' is written in R" in problem.message
    assert problem.line == 2
