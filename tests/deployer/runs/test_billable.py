"""Billable steps of definitions small enough to count by eye."""

from __future__ import annotations

import pytest

from deployer.runs.billable import billable_steps

CASES = {
    "each assignment is billed": (
        "main: {steps: [{a: {assign: [x: 1, y: 2]}}, {b: {return: 1}}]}",
        3,
    ),
    "a call and all of the subworkflow": (
        (
            "main: {steps: [{a: {call: other}}, {b: {call: other}}]}\n"
            "other: {steps: [{c: {assign: [x: 1]}}, {d: {return: 1}}]}"
        ),
        6,
    ),
    "the longest entry of a switch": (
        (
            "main: {steps: [{a: {switch: [{condition: true, next: b},"
            " {condition: true, steps: [{c: {assign: [x: 1, y: 1]}}, {d: {call: http.get}}]}]}},"
            " {b: {return: 1}}]}"
        ),
        5,
    ),
    "a listed loop, item by item": (
        "main: {steps: [{a: {for: {value: v, in: [1, 2, 3], steps: [{b: {call: http.get}}]}}}]}",
        7,
    ),
    "a loop over what only the run knows": (
        "main: {steps: [{a: {for: {value: v, in: '${list}', steps: [{b: {call: http.get}}]}}}]}",
        3,
    ),
    "every branch": (
        (
            "main: {steps: [{a: {parallel: {branches: [{one: {steps: [{b: {call: http.get}}]}},"
            " {two: {steps: [{c: {call: http.get}}]}}]}}}]}"
        ),
        4,
    ),
    "try and retry": (
        "main: {steps: [{a: {try: {call: http.get}, retry: '${http.default_retry}'}}]}",
        3,
    ),
    "endless recursion ends": (
        "main: {steps: [{a: {call: main}}]}",
        20,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_billable_steps(name: str) -> None:
    source, steps = CASES[name]
    assert billable_steps(source) == steps
