"""Which block runs once per item of which others."""

from __future__ import annotations

import pytest

from deployer.dynamic import is_dynamic, mode, reduces, sources, unclear
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
    modes = {name: mode(blocks[name], found[name]) for name in blocks}
    assert modes == {"items": "item", "child": "paired", "grandchild": "reduced", "end": "whole"}


def test_a_sensor_gives_nothing() -> None:
    assert mode(block("wait", kind=Kind.SENSOR), ()) == "skip"


def test_what_cannot_be_numbered() -> None:
    plan = pipeline(
        block("a", configuration=DYNAMIC),
        block("b", configuration=DYNAMIC),
        block("child", "a"),
        block("mixed", "child", "b"),
        block("nested", "a", configuration=DYNAMIC),
    )
    assert set(unclear(plan)) == {"mixed", "nested"}
