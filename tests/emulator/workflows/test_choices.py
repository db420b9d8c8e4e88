"""Each choice that Google's documentation leaves open can be made the other way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from emulator.workflows.choices import CHOICES, Choices
from emulator.workflows.effects import Failed, Outcome, Sleep, Succeeded
from emulator.workflows.parse import parse
from emulator.workflows.source import SourceError
from tests.emulator.workflows.playing import cases, play

CASES = cases("choice")


def told(source: str, choices: Choices) -> Any:
    """The result, the first tag of the error, or SourceError."""
    try:
        outcome: Outcome = play(parse(source, choices=choices))
    except SourceError:
        return "SourceError"
    if isinstance(outcome, Succeeded):
        return outcome.result
    assert isinstance(outcome, Failed)
    return outcome.context.partition(":")[0]


@pytest.mark.parametrize("case", CASES)
def test_a_choice(case: dict[str, Any]) -> None:
    other = Choices(**{case["choice"]: case["other"]})
    assert told(case["source"], CHOICES) == case["usual"]
    assert told(case["source"], other) == case["unusual"]


def test_retries_without_a_number() -> None:
    source = "- t: {try: {raise: x}, retry: {predicate: '${retry.always}'}}"
    for choices, count in ((CHOICES, 5), (Choices(absent_max_retries=2), 2)):
        asked: list[Any] = []
        play(parse(source, choices=choices), asked=asked)
        assert [type(request.effect) for request in asked] == [Sleep] * count


def test_more_than_a_hundred_failed_branches() -> None:
    source = """
- t:
    try: [{p: {parallel: {for: {value: v, range: [1, 120], steps: [{b: {raise: x}}]}}}}]
    except: {as: e, steps: [{r: {return: "${[len(e.branches), e.truncated]}"}}]}
"""
    assert told(source, CHOICES) == [100, True]
    assert told(source, Choices(too_many_branch_errors="fail")) == "ResourceLimitError"


def test_every_choice_is_tested_and_told_of() -> None:
    tested = {case.values[0]["choice"] for case in CASES} | {
        "absent_max_retries",
        "too_many_branch_errors",
    }
    assert tested == set(Choices.__dataclass_fields__)
    page = (Path(__file__).parents[3] / "docs" / "deviations.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == tested
