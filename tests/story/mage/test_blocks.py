"""Kinds of blocks and what surrounds them, by Mage's rules, on the local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.story.mage.making import Folder, ran, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

NAME = "kinds"
TESTED = """
@data_loader
def load(*args, **kwargs):
    return [{'n': 1}, {'n': 2}]

@test
def first(output, *args):
    assert output['n'] == 1

@test
def second(one, two, **kwargs):
    assert two['n'] == 2 and kwargs['env'] == 'prod'
"""
FLAKY = """
@data_loader
def load(*args, **kwargs):
    attempt = kwargs['retry']['attempts']
    assert attempt == 3, f'attempt {attempt}'
    return attempt
"""
NOTE = """
from mage_ai.data_preparation.variable_manager import set_global_variable

@callback('success')
def good(parent_block_data, **kwargs):
    set_global_variable('kd_called', kwargs['parent_block_uuid'], parent_block_data)

@callback('failure')
def bad(parent_block_data, **kwargs):
    error = str(kwargs['__error'])
    set_global_variable('kd_called', kwargs['parent_block_uuid'], error)
"""
TOLD = """
from mage_ai.data_preparation.variable_manager import get_global_variables

@custom
def told(*args, **kwargs):
    return get_global_variables('kd_called')
"""
ITEMS = "return [[{'n': 1}, {'n': 2}, {'n': 3}], [dict(block_uuid=f'for_{i}') for i in range(3)]]"
CHILD = "return {'n': args[0]['n'] * 10, 'label': kwargs['block_uuid']}"
WANTED = "return args[0]['n'] % kwargs['every'] == 0 and kwargs['block_uuid'].startswith('for_')"


@pytest.fixture(scope="module")
def kinds(world: World, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    p = Folder(tmp_path_factory.mktemp("projects") / NAME)
    p.file("metadata.yaml", "project_type: standalone\n")
    p.pipeline(
        "kd_plain",
        p.block("tested", "data_loader", TESTED),
        p.block(
            "flaky", "data_loader", FLAKY,
            retry_config={"retries": 3, "delay": 0.1, "exponential_backoff": False},
        ),
        p.block("copy", "custom", replicated_block="source"),
        p.block("source", "custom", "return 'of the original'"),
    )  # fmt: skip
    p.pipeline(
        "kd_guarded",
        p.block("load", "data_loader", "return kwargs['n']"),
        p.block("small", "transformer", "return 'small'", "load"),
        p.block("large", "transformer", "return 'large'", "load"),
        p.block("join", "custom", "return 'both'", "small", "large"),
        conditionals=[
            p.block("is_small", "conditional", "return args[0] < 10", "small"),
            p.block("is_large", "conditional", "return args[0] >= 10", "large"),
        ],
    )
    p.pipeline(
        "kd_called",
        p.block("fine", "data_loader", "return 'done'"),
        p.block("broken", "transformer", "raise ValueError('of course')", "fine"),
        callbacks=[p.block("note", "callback", NOTE, "fine", "broken")],
    )
    p.pipeline("kd_told", p.block("told", "custom", TOLD))
    reduced = {"configuration": {"reduce_output": True}}
    p.pipeline(
        "kd_dynamic",
        p.block("items", "data_loader", ITEMS, configuration={"dynamic": True}),
        p.block("child", "transformer", CHILD, "items", **reduced),
        p.block("grandchild", "transformer", "return args[0]['n']", "items"),
        p.block("all", "custom", "return [args[0]]", "child"),
        p.block("none", "data_loader", "return [[]]", configuration={"dynamic": True}),
        p.block("never", "transformer", "return args[0]", "none", **reduced),
        p.block("empty", "custom", "return {'got': args[0]}", "never"),
    )
    p.pipeline(
        "kd_asked",
        p.block("items", "data_loader", ITEMS, configuration={"dynamic": True}),
        p.block("child", "transformer", CHILD, "items", **reduced),
        p.block("all", "custom", "return [args[0]]", "child"),
        conditionals=[p.block("wanted", "conditional", WANTED, "child")],
    )
    p.pipeline("kd_slow", p.block("slow", "custom", "import time; time.sleep(30)", timeout=1))
    world.blocklift("deploy", p.root)
    return p


def test_several_tests_retries_and_replicas(world: World, kinds: Folder) -> None:
    run = succeeded(world, NAME, "kd_plain")
    assert run.outputs("tested") == [{"n": 1}, {"n": 2}]
    assert run.output("flaky") == 3
    assert run.output("copy") == "of the original"


@pytest.mark.parametrize(("n", "runs", "does_not"), [(3, "small", "large"), (30, "large", "small")])
def test_a_condition_decides_and_a_join_below_never_runs(
    world: World, kinds: Folder, n: int, runs: str, does_not: str
) -> None:
    run = succeeded(world, NAME, "kd_guarded", n=n)
    assert run.output(runs) == runs
    assert run.outputs(does_not) == []
    assert not run.has("join")


def test_callbacks_hear_of_success_and_failure(world: World, kinds: Folder) -> None:
    assert ran(world, NAME, "kd_called").state == "FAILED"
    told = succeeded(world, NAME, "kd_told").output("told")
    assert told == {"fine": "done", "broken": "of course"}


def test_dynamic_children_their_labels_their_sum_and_none_of_them(
    world: World, kinds: Folder
) -> None:
    run = succeeded(world, NAME, "kd_dynamic")
    assert run.output("all") == [
        {"n": 10, "label": "for_0"},
        {"n": 20, "label": "for_1"},
        {"n": 30, "label": "for_2"},
    ]
    assert run.output("empty") == {"got": []}
    assert run.output("grandchild/2") == 3


def test_a_condition_is_asked_for_each_child_with_its_item_and_metadata(
    world: World, kinds: Folder
) -> None:
    run = succeeded(world, NAME, "kd_asked", every=1)
    assert [child["n"] for child in run.output("all")] == [10, 20, 30]
    run = succeeded(world, NAME, "kd_asked", every=2)
    assert run.output("child/1") == {"n": 20, "label": "for_1"}
    assert run.outputs("child/0") == run.outputs("child/2") == []
    assert not run.has("all")


def test_a_block_that_takes_too_long_fails(world: World, kinds: Folder) -> None:
    assert ran(world, NAME, "kd_slow").state == "FAILED"
