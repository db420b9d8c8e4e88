"""The specification of the language as data: `cases/*.yaml`, each case with the page it is from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.workflows.effects import Failed, Failure, Request, Succeeded
from emulator.workflows.limits import STRICT
from emulator.workflows.parse import parse
from emulator.workflows.source import SourceError
from tests.emulator.workflows.playing import cases, play


def exactly(a: Any, b: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(exactly(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(exactly, a, b))
    return bool(a == b)


class Script:
    """Answers from a list, in the order of asking."""

    def __init__(self, replies: list[Any]) -> None:
        self.replies = list(replies)
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Any:
        self.asked.append(request)
        reply = self.replies.pop(0) if self.replies else None
        if isinstance(reply, dict) and "failure" in reply:
            failure = reply["failure"]
            fields = {k: v for k, v in failure.items() if k not in {"message", "tags"}}
            return Failure(failure.get("message", ""), tuple(failure["tags"]), fields)
        return reply


def check(case: dict[str, Any], source: str, argument: Any) -> None:
    script = Script(case.get("replies", []))
    outcome = play(parse(source), argument, script, environment={"A": "alpha"})
    assert not script.replies, "replies that nobody asked for"
    if "error" in case:
        check_error(case, outcome)
    else:
        assert isinstance(outcome, Succeeded), outcome
        assert exactly(outcome.result, case["result"]), outcome
    if "asks" in case:
        assert [shown(request) for request in script.asked] == case["asks"]


def shown(request: Request) -> str:
    """An effect in short: its name and what tells it from others."""
    effect = request.effect
    fields = [getattr(effect, name) for name in effect.__dataclass_fields__]
    told = [str(v) for v in fields if isinstance(v, str | int | float) and v != ""]
    return " ".join([type(effect).__name__, *told])


def check_error(case: dict[str, Any], outcome: Any) -> None:
    assert isinstance(outcome, Failed), outcome
    value = json.loads(outcome.payload)
    error = case["error"]
    if isinstance(error, str) and error.endswith("Error"):
        assert error in value["tags"], outcome
    else:
        assert exactly(value, error), outcome
    if "message" in case:
        assert value["message"] == case["message"]
    if "context" in case:
        assert outcome.context == case["context"].rstrip()


@pytest.mark.parametrize("case", cases("expression"))
def test_expression(case: dict[str, Any]) -> None:
    given = case.get("given", {})
    assigned = [{name: f"${{args.{name}}}"} for name in given]
    steps: list[Any] = [{"given": {"assign": assigned}}] if assigned else []
    steps.append({"answer": {"return": f"${{{case['expression']}}}"}})
    check(case, json.dumps({"main": {"params": ["args"], "steps": steps}}), given)


@pytest.mark.parametrize("case", cases("program"))
def test_program(case: dict[str, Any]) -> None:
    check(case, case["program"], case.get("argument"))


@pytest.mark.parametrize("case", cases("mistake"))
def test_mistake(case: dict[str, Any]) -> None:
    with pytest.raises(SourceError) as caught:
        parse(case["mistake"], limits=STRICT)
    found = [f"{p.line}:{p.column} {p}" for p in caught.value.problems]
    assert found == case["problems"]


def test_there_are_at_least_400_cases() -> None:
    assert sum(len(cases(key)) for key in ("expression", "program", "mistake")) >= 400
