"""Memory is accounted as Google counts it, to the byte (Workflows: Quotas and limits)."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from emulator.workflows.effects import Failed, Succeeded
from emulator.workflows.limits import STRICT
from emulator.workflows.parse import parse
from tests.emulator.workflows.playing import cases, play


def fits(source: str, argument: Any, memory: int, answer: Any = None) -> bool:
    limits = dataclasses.replace(STRICT, memory=memory)
    outcome = play(parse(source), argument, lambda _: answer, limits=limits)
    if isinstance(outcome, Failed):
        assert json.loads(outcome.payload)["tags"] == ["ResourceLimitError"]
    return isinstance(outcome, Succeeded)


def needs(source: str, argument: Any, answer: Any = None) -> int:
    """The least memory that the program runs in."""
    low, high = 0, 100_000
    while low < high:
        middle = (low + high) // 2
        if fits(source, argument, middle, answer):
            high = middle
        else:
            low = middle + 1
    return low


@pytest.mark.parametrize("case", cases("value"))
def test_a_value(case: dict[str, Any]) -> None:
    program = "main: {params: [a], steps: [{r: {return: 1}}]}"
    assert needs(program, case["value"]) == case["bytes"]


@pytest.mark.parametrize("case", cases("least_memory"))
def test_a_program(case: dict[str, Any]) -> None:
    reply = {"code": 200, "headers": {}, "body": "abc"}
    assert needs(case["least_memory"], None, reply) == case["bytes"]
