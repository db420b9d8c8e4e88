"""A driver without a world: answers what a workflow asks for from a script. And the cases of
`cases/*.yaml`, each with the page that it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from emulator.workflows.effects import Outcome, Reply, Request
from emulator.workflows.limits import STRICT, Limits
from emulator.workflows.machine import execute
from emulator.workflows.observer import Observer
from emulator.workflows.parse import parse
from emulator.workflows.syntax import Program

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FOLDER = Path(__file__).parent / "cases"
Answer = Callable[[Request], Any]


def cases(key: str) -> list[Any]:
    """All cases that have this key, with what their group says."""
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in cases_of(path, key)]


def cases_of(path: Path, key: str) -> Iterator[Any]:
    for group in yaml.load(path.read_text(), Loader=LOADER):  # a safe loader
        assert group["page"]
        assert group["section"]
        shared = {name: value for name, value in group.items() if name != "cases"}
        for number, case in enumerate(group["cases"]):
            if key in case:
                title = case.get("name") or str(case[key]).strip()[:60]
                identity = f"{path.stem}-{group['section']}-{number}-{title}"
                yield pytest.param({**shared, **case}, id=identity)


def silent(_: Request) -> Any:
    return None


def play(
    program: Program | str,
    argument: Any = None,
    answer: Answer = silent,
    *,
    order: Random | None = None,
    environment: dict[str, str] | None = None,
    limits: Limits = STRICT,
    seed: int = 0,
    observer: Observer | None = None,
    asked: list[Request] | None = None,
) -> Outcome:
    """Run to the end; replies come in the order of asking, or at random."""
    if isinstance(program, str):
        program = parse(program)
    machine = execute(
        program, argument, environment or {}, limits=limits, seed=seed, observer=observer
    )
    waiting: list[Request] = []
    reply: Reply | None = None
    try:
        while True:
            turn = machine.send(reply)
            waiting += turn.requests
            if asked is not None:
                asked += turn.requests
            if turn.paused:
                reply = None
                continue
            request = waiting.pop(order.randrange(len(waiting)) if order else 0)
            reply = Reply(request.id, answer(request))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
