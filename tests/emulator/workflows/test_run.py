"""Random programs give the same result however the replies interleave, where they must: each
branch writes places of its own, or adds to a sum.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.workflows.effects import HttpCall, Now, Reply, Request, Succeeded, Uuid
from emulator.workflows.machine import execute
from emulator.workflows.parse import parse
from emulator.workflows.syntax import Program
from tests.emulator.workflows.playing import play

Steps = list[dict[str, Any]]


class Names:
    """Fresh names, so that programs are well-formed by construction."""

    def __init__(self) -> None:
        self.count = 0
        self.forks = 0
        """Parallel steps around the place that is written now: at most two."""

    def __call__(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"


def counted(names: Names, amount: str) -> Steps:
    return [{names("add"): {"assign": [{"total": f"${{total + {amount}}}"}]}}]


def called(names: Names) -> Steps:
    """By way of a variable: an expression that waits is not one atomic step."""
    local = names("c")
    call = {names("call"): {"call": "twice", "args": {"n": 1}, "result": local}}
    return [call, *counted(names, local)]


def asked(names: Names, draw: Any) -> Steps:
    """An effect, and a shared write of what depends on its place alone."""
    key, local = names("k"), names("v")
    call = draw(
        st.sampled_from(
            [
                {"call": "http.get", "args": {"url": f"http://x/{key}"}, "result": local},
                {"call": "sys.sleep", "args": {"seconds": 1}, "result": local},
                {"assign": [{local: "${uuid.generate()}"}]},
                {"assign": [{local: "${twice(3) + int(sys.now())}"}]},
            ]
        )
    )
    return [{names("ask"): call}, {names("put"): {"assign": [{f"out.{key}": f"${{{local}}}"}]}}]


def caught(names: Names, draw: Any, depth: int) -> Steps:
    error = names("e")
    body = [*block(names, draw, depth), {names("raise"): {"raise": "odd"}}]
    return [
        {
            names("try"): {
                "try": {"steps": body},
                "except": {"as": error, "steps": counted(names, "7")},
            }
        }
    ]


def looped(names: Names, draw: Any, depth: int) -> Steps:
    loop = {"value": names("i"), "range": [1, draw(st.integers(0, 3))]}
    return [{names("loop"): {"for": {**loop, "steps": block(names, draw, depth)}}}]


def forked(names: Names, draw: Any, depth: int) -> Steps:
    shared: dict[str, Any] = {"shared": ["total", "out"]}
    if draw(st.booleans()):
        shared["concurrency_limit"] = draw(st.integers(1, 4))
    if draw(st.booleans()):
        branches = [{names("b"): {"steps": block(names, draw, depth)}} for _ in range(2)]
        return [{names("par"): {"parallel": {**shared, "branches": branches}}}]
    loop = {"value": names("i"), "range": [1, draw(st.integers(0, 4))]}
    body = {**loop, "steps": block(names, draw, depth)}
    return [{names("par"): {"parallel": {**shared, "for": body}}}]


def block(names: Names, draw: Any, depth: int) -> Steps:
    steps = counted(names, "1")
    for _ in range(draw(st.integers(1, 2))):
        kind = draw(st.sampled_from(["count", "ask", "try", "loop", "fork"]))
        if kind == "count" or depth == 0:
            steps += called(names)
        elif kind == "ask":
            steps += asked(names, draw)
        elif kind == "try":
            steps += caught(names, draw, depth - 1)
        elif kind == "loop":
            steps += looped(names, draw, depth - 1)
        elif names.forks < 2:
            names.forks += 1
            steps += forked(names, draw, depth - 1)
            names.forks -= 1
    return steps


@st.composite
def programs(draw: Any) -> str:
    names = Names()
    steps: Steps = [{"init": {"assign": [{"total": 0}, {"out": {}}]}}]
    steps += block(names, draw, 4)
    steps.append({"done": {"return": "${[total, out]}"}})
    twice = {"params": ["n"], "steps": [{"r": {"return": "${n * 2}"}}]}
    return json.dumps({"main": {"steps": steps}, "twice": twice})


def answer(request: Request) -> Any:
    """By what is asked, not by when."""
    match request.effect:
        case HttpCall(url=url):
            return {"code": 200, "headers": {}, "body": url}
        case Now():
            return 5.0
        case Uuid():
            return request.step
    return None


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.integers(1, 2**32))
def test_the_order_of_replies_does_not_change_the_result(source: str, seed: int) -> None:
    program = parse(source)
    expected = play(program, None, answer)
    assert isinstance(expected, Succeeded)
    for number in range(3):
        assert play(program, None, answer, order=Random(seed + number)) == expected
    for number in range(3):
        shuffled = play(program, None, answer, order=Random(seed), seed=seed + number)
        assert shuffled == expected


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.integers(1, 2**32))
def test_a_run_repeats_itself_from_its_replies(source: str, seed: int) -> None:
    program = parse(source)
    runs: list[list[Request]] = []
    for _ in range(2):
        requests: list[Request] = []
        play(program, None, answer, order=Random(seed), seed=seed, asked=requests)
        runs.append(requests)
    assert runs[0] == runs[1]
    assert [request.id for request in runs[0]] == list(range(len(runs[0])))


class Driver:
    """Keeps a journal of replies, dies at random, and goes on from the journal."""

    def __init__(self, program: Program, chance: Random) -> None:
        self.program = program
        self.chance = chance
        self.journal: list[Reply] = []

    def live(self, replies: int) -> Any:
        """Replay, then answer so many requests; None when it dies before the end."""
        machine = execute(self.program, None, {})
        waiting: dict[int, Request] = {}
        try:
            take(machine, None, waiting)
            for reply in self.journal:
                del waiting[reply.id]
                take(machine, reply, waiting)
            for _ in range(replies):
                request = waiting.pop(self.chance.choice(list(waiting)))
                self.journal.append(Reply(request.id, answer(request)))
                take(machine, self.journal[-1], waiting)
        except StopIteration as stop:
            return stop.value
        return None


def take(machine: Any, reply: Reply | None, waiting: dict[int, Request]) -> None:
    turn = machine.send(reply)
    waiting.update({request.id: request for request in turn.requests})
    assert not turn.paused


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.integers(1, 2**32))
def test_killed_at_random_and_gone_on_with(source: str, seed: int) -> None:
    program, chance = parse(source), Random(seed)
    driver, outcome = Driver(program, chance), None
    while outcome is None:
        outcome = driver.live(chance.randrange(1, 6))
    assert outcome == play(program, None, answer)
