"""Pipelines that start, watch and read each other, on the local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.story.mage.making import Folder, ran, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

NAME = "together"
START = """
from mage_ai.data_preparation.variable_manager import get_variable, set_global_variable
from mage_ai.orchestration.triggers.api import trigger_pipeline

@custom
def start(*args, **kwargs):
    run = trigger_pipeline(
        'tg_child', variables={'factor': kwargs['factor']}, check_status=True,
        error_on_failure=True, poll_interval=0.2,
    )
    set_global_variable('tg_parent', 'mark', {'child': run.status})
    return [run.status, get_variable('tg_child', 'count', 'output_0')]
"""
LOOK = """
from mage_ai.data_preparation.variable_manager import get_global_variable

@transformer
def look(data, *args, **kwargs):
    return {
        'input': data,
        'mark': kwargs.get('mark'),
        'of_child': get_global_variable('tg_child', 'base'),
    }
"""
WATCH = """
from mage_ai.orchestration.run_status_checker import check_status

@sensor
def watch(*args, **kwargs):
    return check_status('tg_child', kwargs['execution_date'], hours=1)
"""
PRODUCT = {
    "numbers": {
        "object_type": "pipeline",
        "object_uuid": "tg_child",
        "outdated_after": {"seconds": 3600},
        "settings": {"count": {"partitions": 1}, "both": None},
    }
}


@pytest.fixture(scope="module")
def together(world: World, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    project = Folder(tmp_path_factory.mktemp("projects") / NAME)
    project.file("metadata.yaml", "project_type: standalone\n")
    project.yaml("global_data_products.yaml", PRODUCT)
    count = project.block("count", "data_loader", "return kwargs['base'] * kwargs['factor']")
    both = project.block("both", "transformer", "return [args[0], 'of it']", "count")
    project.pipeline("tg_child", count, both, variables={"base": 7, "factor": 1})
    start = project.block("start", "custom", START)
    look = project.block("look", "transformer", LOOK, "start")
    project.pipeline("tg_parent", start, look, variables={"factor": 6})
    watch = project.block("watch", "sensor", WATCH)
    after = project.block("after", "custom", "return 'seen'", "watch")
    project.pipeline("tg_watching", watch, after)
    asked = {"global_data_product": {"uuid": "numbers"}}
    product = project.block("numbers", "global_data_product", configuration=asked)
    use = project.block("use", "transformer", "return args[0]", "numbers")
    project.pipeline("tg_consumer", product, use)
    world.blocklift("deploy", project.root)
    return project


def test_a_block_starts_a_pipeline_waits_for_it_and_reads_what_it_left(
    world: World, together: Folder
) -> None:
    run = succeeded(world, NAME, "tg_parent")
    assert run.outputs("start") == ["completed", 42]
    seen = run.output("look")
    assert seen["input"] == ["completed", 42]
    assert seen["of_child"] == 7
    # What code sets holds for blocks that begin afterwards, and for later runs.
    assert seen["mark"] == {"child": "completed"}
    assert succeeded(world, NAME, "tg_parent").output("look")["mark"] == {"child": "completed"}


def test_a_sensor_sees_that_another_pipeline_has_run(world: World, together: Folder) -> None:
    succeeded(world, NAME, "tg_child")
    assert succeeded(world, NAME, "tg_watching").output("after") == "seen"


def test_a_global_data_product_is_made_once_while_it_is_fresh(
    world: World, together: Folder
) -> None:
    first = succeeded(world, NAME, "tg_consumer")
    assert first.output("use") == {"count": [7], "both": [7, "of it"]}
    before = executions(world, "tg-child")
    assert succeeded(world, NAME, "tg_consumer").output("use") == first.output("use")
    assert executions(world, "tg-child") == before


def test_a_failed_child_fails_the_block_that_waits_for_it(world: World, together: Folder) -> None:
    assert ran(world, NAME, "tg_parent", factor="x" * 3).state == "SUCCEEDED"
    assert ran(world, NAME, "tg_parent", factor={"not": "a number"}).state == "FAILED"


def executions(world: World, workflow: str) -> list[str]:
    path = f"/v1/projects/blocklift-local/locations/europe-west1/workflows/{workflow}/executions"
    return [execution["name"] for execution in world.get(path)["executions"]]
