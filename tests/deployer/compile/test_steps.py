"""Loops over items, really run: nested ones, combinations, and how many blocks at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployer.model import Kind, Pipeline, Place, Trigger
from tests.deployer.compile.world import START, World, error, failing, result
from tests.deployer.making import block, pipeline

DYNAMIC = {"dynamic": True}
LENIENT = Trigger(
    "always",
    "api",
    Place(Path("triggers.yaml"), 1),
    settings={"allow_blocks_to_fail": True},
)


def items(count: int):
    return lambda _: {"status": "done", "count": count}


def by_index(*counts: int):
    return lambda request: {"status": "done", "count": counts[request["index"][0]]}


NESTED = (
    block("outer", configuration=DYNAMIC),
    block("inner", "outer", configuration=DYNAMIC),
    block("leaf", "inner"),
)


def indexes(world: World, service: str) -> list[int]:
    return sorted(call.request["index"][0] for call in world.calls if call.service == service)


@pytest.mark.parametrize("conditions", [(), (block("maybe", "inner", kind=Kind.CONDITIONAL),)])
def test_a_dynamic_child_that_is_dynamic(conditions: Any) -> None:
    world = World({"outer": items(3), "inner": by_index(2, 0, 3)})
    result(world.run(pipeline(*NESTED, block("after", "leaf"), conditionals=conditions)))
    assert indexes(world, "inner") == [0, 1, 2]
    assert indexes(world, "leaf") == indexes(world, "after") == [0, 1, 2, 3, 4]


def test_three_levels() -> None:
    world = World({"outer": items(2), "inner": by_index(1, 2), "third": by_index(2, 2, 3)})
    third = block("third", "inner", configuration=DYNAMIC)
    result(world.run(pipeline(*NESTED, third, block("end", "third"))))
    assert indexes(world, "third") == [0, 1, 2]
    assert indexes(world, "end") == list(range(7))


def test_nested_items_beside_other_blocks() -> None:
    world = World({"outer": items(2), "inner": by_index(1, 2)}, seconds={"beside": 9})
    result(world.run(pipeline(*NESTED, block("beside"), block("last", "beside"))))
    assert indexes(world, "leaf") == [0, 1, 2]
    assert world.one("beside").start == START


def test_no_items_of_any_call() -> None:
    world = World({"outer": items(2), "inner": items(0)})
    result(world.run(pipeline(*NESTED)))
    assert "leaf" not in world.names()


def test_a_nested_block_that_fails_stops_what_is_below() -> None:
    world = World({"outer": items(2), "inner": failing("broken", 1)})
    world.run(pipeline(*NESTED))
    assert "leaf" not in world.names()


def test_children_of_one_dynamic_block_with_items_of_another_know_both_counts() -> None:
    world = World({"a": items(2), "b": items(3)})
    blocks = (
        block("a", configuration=DYNAMIC),
        block("b", configuration=DYNAMIC),
        block("child", "a"),
        block("mixed", "child", "b"),
    )
    result(world.run(pipeline(*blocks)))
    assert indexes(world, "mixed") == list(range(6))
    calls = [call.request for call in world.calls if call.service == "mixed"]
    assert all(request["counts"] == [2, 3] for request in calls)


def test_a_childs_callback_hears_which_child_it_was() -> None:
    told = (block("cheer", "leaf", kind=Kind.CALLBACK),)
    world = World({"outer": items(1), "inner": items(2)})
    result(world.run(pipeline(*NESTED, callbacks=told)))
    assert indexes(world, "cheer") == [0, 1]


# --- conditions of children: what Mage 0.9.80 did with the same pipelines


def odd_fails(request: Any) -> dict[str, Any]:
    return {"status": "condition_failed" if request["index"][0] % 2 else "done", "count": 1}


def asked(*below: Any, **more: Any) -> Pipeline:
    blocks = (block("items", configuration=DYNAMIC), block("child", "items"), *below)
    conditions = [block(name, "child", kind=Kind.CONDITIONAL) for name in ("maybe", "also")]
    return pipeline(*blocks, conditionals=tuple(conditions), **more)


def test_a_condition_is_asked_for_each_child_and_passes_over_only_that_one() -> None:
    world = World({"items": items(4), "maybe": odd_fails})
    told = (block("cheer", "child", kind=Kind.CALLBACK),)
    found = result(world.run(asked(block("beside", "items"), callbacks=told)))
    assert indexes(world, "maybe") == indexes(world, "beside") == [0, 1, 2, 3]
    assert indexes(world, "also") == indexes(world, "child") == indexes(world, "cheer") == [0, 2]
    assert found["blocks"] == {"done": 2, "condition_failed": 1}


@pytest.mark.parametrize("configuration", [{}, {"reduce_output": True}, DYNAMIC])
def test_nothing_below_runs_if_one_child_was_passed_over(configuration: Any) -> None:
    child = block("child", "items", configuration=configuration)
    plan = asked(block("below", "child"), block("end", "below"))
    plan = replace(plan, blocks=(plan.blocks[0], child, *plan.blocks[2:]))
    world = World({"items": items(4), "maybe": odd_fails, "child": items(1)})
    found = result(world.run(plan))
    assert indexes(world, "child") == [0, 2]
    assert not {"below", "end"} & set(world.names())
    assert found["blocks"] == {"done": 1, "condition_failed": 3}
    world = World({"items": items(4), "child": items(1)})
    assert result(world.run(plan))["blocks"]["done"] == 4


def test_a_child_knows_the_counts_and_so_does_its_condition() -> None:
    plan = asked(block("mixed", "child", "more"), block("more", configuration=DYNAMIC))
    mixed = block("may_mix", "mixed", kind=Kind.CONDITIONAL)
    plan = replace(plan, conditionals=(mixed,))
    world = World({"items": items(2), "more": items(3), "may_mix": odd_fails})
    result(world.run(plan))
    assert indexes(world, "mixed") == [0, 2, 4]
    assert {tuple(c.request["counts"]) for c in world.calls if c.service == "may_mix"} == {(2, 3)}


@pytest.mark.parametrize("where", ["maybe", "child"])
def test_a_failure_among_children_is_told_although_others_were_passed_over(where: str) -> None:
    functions = {"items": items(4), "maybe": odd_fails, where: failing("lost", 1)}
    world = World(functions)
    outcome = world.run(asked(block("below", "child"), triggers=(LENIENT,)))
    assert "lost" in json.dumps(error(outcome))
    assert "below" not in world.names()


def test_a_condition_that_cannot_be_asked_fails_the_run_when_others_may_go_on() -> None:
    conditions = (block("maybe", "load", kind=Kind.CONDITIONAL),)
    plan = pipeline(block("load"), block("beside"), conditionals=conditions, triggers=(LENIENT,))
    world = World({"maybe": failing("no such function")})
    assert "no such function" in json.dumps(error(world.run(plan)))
    assert "load" not in world.names()


# --- block_run_limit


def most_at_once(world: World) -> int:
    moments = sorted({call.start for call in world.calls})
    return max(sum(c.start <= m < c.end for c in world.calls) for m in moments)


WIDE = tuple(block(f"b{n}", "root") for n in range(7))


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_no_more_blocks_at_once_than_are_allowed(limit: int) -> None:
    settings = {"concurrency_config": {"block_run_limit": limit}}
    plan = pipeline(block("root"), *WIDE, block("end", *(b.id for b in WIDE)), settings=settings)
    world = World(seconds={"b1": 5, "b2": 3})
    assert result(world.run(plan))["blocks"]["done"] == 9
    assert most_at_once(world) == limit


@pytest.mark.parametrize("limit", [1, 4])
def test_items_too_are_no_more_at_once(limit: int) -> None:
    settings = {"concurrency_config": {"block_run_limit": limit}}
    blocks = (block("items", configuration=DYNAMIC), block("child", "items"), block("beside"))
    world = World({"items": items(9)}, seconds={"child": 10})
    result(world.run(pipeline(*blocks, settings=settings)))
    assert most_at_once(world) == limit
