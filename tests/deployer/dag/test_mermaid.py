"""A pipeline as text pictures."""

from __future__ import annotations

from deployer.dag.mermaid import mermaid, outline
from deployer.model import Kind
from tests.deployer.making import block, pipeline

PLAN = pipeline(
    block("load", kind=Kind.DATA_LOADER, configuration={"dynamic": True}),
    block("left", "load"),
    block("right", "load"),
    callbacks=(block("tell", "load", kind=Kind.CALLBACK),),
    conditionals=(block("when", "left", kind=Kind.CONDITIONAL),),
)


def test_mermaid() -> None:
    lines = mermaid(PLAN).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  b0[/"load"/]' in lines
    assert "  b0 --> b1" in lines
    assert "  b3 -.-> b1" in lines
    assert "  b0 -.-> b4" in lines


def test_outline() -> None:
    assert list(outline(PLAN)) == [
        "load",
        "side by side:",
        "  - left (once per item)",
        "  - right (once per item)",
    ]
    crossed = pipeline(block("a"), block("b"), block("c", "a", "b"), block("d", "b"))
    assert next(outline(crossed)) == "in 2 lanes that wait for each other:"
    assert list(outline(pipeline())) == []
