"""Which block runs once per item of which others."""

from __future__ import annotations

import pytest

from deployer.dag.dynamic import is_dynamic, mode, nested, reduces, sources
from deployer.model import Kind
from tests.deployer.making import block, pipeline

DYNAMIC = {"dynamic": True}


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({}, (False, False)),
        ({"dynamic": True}, (True, False)),
        ({"dynamic": {"parent": True, "modes": []}}, (True, False)),
        ({"dynamic": {"reduce_output": True}}, (False, True)),
        ({"reduce_output": True}, (False, True)),
    ],
)
def test_both_versions(configuration: dict[str, object], expected: tuple[bool, bool]) -> None:
    found = block("x", configuration=configuration)
    assert (is_dynamic(found), reduces(found)) == expected


def test_children_of_children_until_one_reduces() -> None:
    plan = pipeline(
        block("items", configuration=DYNAMIC),
        block("child", "items"),
        block("grandchild", "child", configuration={"reduce_output": True}),
        block("end", "grandchild"),
    )
    found = sources(plan)
    assert found == {"items": (), "child": ("items",), "grandchild": ("items",), "end": ()}
    blocks = {b.id: b for b in plan.blocks}
    modes = {name: mode(blocks[name], found[name], block("below")) for name in blocks}
    assert modes == {"items": "item", "child": "paired", "grandchild": "reduced", "end": "whole"}


def test_a_sensor_gives_nothing() -> None:
    assert mode(block("wait", kind=Kind.SENSOR), (), block("below")) == "skip"


def test_the_items_of_all_calls_of_a_dynamic_child_are_one_source() -> None:
    plan = pipeline(
        block("a", configuration=DYNAMIC),
        block("b", configuration=DYNAMIC),
        block("child", "a"),
        block("mixed", "child", "b"),
        block("inner", "a", configuration=DYNAMIC),
        block("leaf", "inner"),
        block("below_leaf", "leaf", "b"),
    )
    found = sources(plan)
    assert nested(plan) == {"inner"}
    assert found["mixed"] == ("a", "b")
    assert found["leaf"] == ("inner",)
    assert found["below_leaf"] == ("inner", "b")
    assert mode(plan.blocks[4], found["inner"], block("leaf")) == "nested"


def test_the_block_below_may_ask_for_one_list() -> None:
    end = block("end", "child", configuration={"dynamic": {"reduce_output_upstream": True}})
    plan = pipeline(block("items", configuration=DYNAMIC), block("child", "items"), end)
    assert sources(plan)["end"] == ()
    assert mode(plan.blocks[1], ("items",), end) == "reduced"
