"""A program running: yields effects, takes replies, ends in an outcome."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from emulator.workflows.effects import Outcome, Reply, Value, Yielded
from emulator.workflows.limits import STRICT, Limits
from emulator.workflows.observer import Observer
from emulator.workflows.syntax import Program


def execute(
    program: Program,
    argument: Value,
    environment: Mapping[str, str],
    *,
    limits: Limits = STRICT,
    seed: int = 0,
    observer: Observer | None = None,
) -> Generator[Yielded, Reply | None, Outcome]:
    """Run `main`. Send a Reply for each request in any order, None after a pause."""
    raise NotImplementedError
    yield Yielded()
