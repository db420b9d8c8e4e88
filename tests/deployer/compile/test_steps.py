"""Loops over items, really run: nested ones, combinations, and how many blocks at once."""

from __future__ import annotations

from typing import Any

import pytest

from deployer.model import Kind
from tests.deployer.compile.world import START, World, failing, result
from tests.deployer.making import block, pipeline

DYNAMIC = {"dynamic": True}


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
