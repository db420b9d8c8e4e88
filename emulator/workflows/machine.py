"""A program running: yields effects, takes replies, ends in an outcome.

Between two replies the machine runs until every thread waits, so the order of the replies is
all of its nondeterminism.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from random import Random

from emulator.workflows.compile import compiled
from emulator.workflows.effects import Failed, Outcome, Reply, Succeeded, Value, Yielded
from emulator.workflows.errors import LanguageError
from emulator.workflows.functions import Context
from emulator.workflows.limits import STRICT, Limits
from emulator.workflows.observer import Observer
from emulator.workflows.run import SLICE, Run
from emulator.workflows.syntax import Program
from emulator.workflows.threads import context, payload


def execute(
    program: Program,
    argument: Value,
    environment: Mapping[str, str],
    *,
    limits: Limits = STRICT,
    seed: int = 0,
    observer: Observer | None = None,
) -> Generator[Yielded, Reply | None, Outcome]:
    """Run `main`. Send a Reply for each request in any order, None after a pause.

    A `seed` other than 0 lets threads take turns at random, the same way for the same seed.
    """
    code = compiled(program)
    values = Context(environment, limits, program.choices, code.operators)
    run = Run(code, values, Random(seed) if seed else None, observer)  # noqa: S311  # not for secrets
    try:
        run.begin(argument)
        while True:
            paused = run.work(SLICE)
            if run.result is not None:
                return outcome(run)
            reply = yield Yielded(run.take_requests(), paused)
            if reply is not None:
                run.deliver(reply)
    except LanguageError as error:
        return failed(error)


def outcome(run: Run) -> Outcome:
    assert run.result is not None
    (value,) = run.result
    return failed(value) if isinstance(value, LanguageError) else Succeeded(value)


def failed(error: LanguageError) -> Failed:
    stack = error.stack or ()
    return Failed(payload(error.value), context(error.value, stack), stack)
