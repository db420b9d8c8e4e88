"""A driver without a world: answers what a workflow asks for from a script."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from emulator.workflows.effects import Outcome, Reply, Request
from emulator.workflows.limits import STRICT, Limits
from emulator.workflows.machine import execute
from emulator.workflows.observer import Observer
from emulator.workflows.parse import parse
from emulator.workflows.syntax import Program

Answer = Callable[[Request], Any]


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
