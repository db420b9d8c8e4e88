"""Steps per second of the workflow language, beside the same work as a bare Python loop.

The machine runs through its generator as a driver would, with Google's limits off so that runs
are long enough to measure.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from typing import Any

from emulator.workflows.effects import Reply, Request, Succeeded
from emulator.workflows.limits import OFF
from emulator.workflows.machine import execute
from emulator.workflows.observer import StepInfo, ThreadView
from emulator.workflows.parse import parse
from emulator.workflows.syntax import Program

COUNT = 100_000

ASSIGN = """
- start: {assign: [{x: 0}]}
- add: {assign: [{x: "${x + 1}"}]}
- again:
    switch:
      - condition: ${x < %d}
        next: add
- done: {return: "${x}"}
"""
LOOP = """
- start: {assign: [{x: 0}, {m: {}}]}
- loop:
    for:
      value: v
      range: [1, %d]
      steps:
        - add: {assign: [{x: "${x + v}"}]}
- done: {return: "${x}"}
"""
MAPS = """
- start: {assign: [{m: {}}]}
- loop:
    for:
      value: v
      range: [1, %d]
      steps:
        - put: {assign: [{"m[string(v %% 1000)]": "${v}"}]}
- done: {return: "${len(m)}"}
"""
CALLS = """
main:
  steps:
    - start: {assign: [{x: 0}]}
    - loop:
        for:
          value: v
          range: [1, %d]
          steps:
            - call: {call: outer, args: {n: "${v}"}, result: y}
            - add: {assign: [{x: "${x + y}"}]}
    - done: {return: "${x}"}
outer:
  params: [n]
  steps:
    - c: {call: inner, args: {n: "${n}"}, result: r}
    - r: {return: "${r}"}
inner: {params: [n], steps: [{r: {return: "${n * 2}"}}]}
"""
ASKS = """
- start: {assign: [{x: 0}]}
- loop:
    for:
      value: v
      range: [1, %d]
      steps:
        - ask: {assign: [{t: "${sys.now()}"}]}
- done: {return: "${x}"}
"""


class Counter:
    """An observer that does as little as one can."""

    hears_calls = False

    def __init__(self) -> None:
        self.count = 0

    def started(self, step: StepInfo, thread: ThreadView, iteration: int | None) -> None:
        self.count += 1

    def called(
        self, step: StepInfo, thread: ThreadView, callee: str, arguments: Mapping[str, Any]
    ) -> None:
        pass

    def answered(self, step: StepInfo, thread: ThreadView, value: Any) -> None:
        pass

    def ended(self, step: StepInfo, thread: ThreadView) -> None:
        pass

    def failed(self, step: StepInfo, thread: ThreadView, payload: str) -> None:
        pass


def play(program: Program, observer: Counter | None = None) -> Any:
    """Answers every request at once with a number."""
    machine = execute(program, None, {}, limits=OFF, observer=observer)
    waiting: list[Request] = []
    reply: Reply | None = None
    try:
        while True:
            turn = machine.send(reply)
            waiting += turn.requests
            reply = None if turn.paused else Reply(waiting.pop(0).id, 1.5)
    except StopIteration as stop:
        assert isinstance(stop.value, Succeeded), stop.value
        return stop.value.result


def bare(count: int) -> None:
    """What a Python programmer would write instead: a dict of variables, one assignment a step."""
    variables = {"x": 0}
    while variables["x"] < count:
        variables["x"] = variables["x"] + 1


def seconds(work: Callable[[], Any]) -> float:
    """The best of three."""
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


def main() -> None:
    baseline = 2 * COUNT / seconds(lambda: bare(COUNT))
    print(f"{'bare Python loop':<34}{baseline:>12,.0f} steps/s")
    report("assign and switch", ASSIGN, COUNT, 2, baseline)
    report("for range with an assign", LOOP, COUNT, 2, baseline)
    report("map of 1,000 keys, one set a step", MAPS, COUNT, 2, baseline)
    report("two nested calls", CALLS, COUNT // 5, 6, baseline)
    report("sys.now, asked and answered", ASKS, COUNT // 5, 2, baseline)
    report("for range, observed", LOOP, COUNT, 2, baseline, observed=True)
    long_run()


def report(
    name: str, source: str, count: int, steps: int, baseline: float, *, observed: bool = False
) -> None:
    program = parse(source % count)
    speed = steps * count / seconds(lambda: play(program, Counter() if observed else None))
    print(f"{name:<34}{speed:>12,.0f} steps/s   1/{baseline / speed:.1f} of the bare loop")


def long_run() -> None:
    """Speed and memory must hold: ten times the steps in ten times the time."""
    short = seconds(lambda: play(parse(LOOP % COUNT)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    play(parse(LOOP % (10 * COUNT)))
    long = time.perf_counter() - begin
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{'ten times as long':<34}{long / short:>12.1f} times the time, {grown / 1024:.1f} MB more"
    )


if __name__ == "__main__":
    main()
