"""How much one execution may use (Workflows: Quotas and limits, "Resource limits")."""

from __future__ import annotations

from dataclasses import dataclass

KILOBYTE = 1024
UNLIMITED = 2**62


@dataclass(frozen=True, slots=True)
class Limits:
    """Crossing one at run time is a ResourceLimitError, which no workflow can catch."""

    memory: int = 512 * KILOBYTE
    """All variables, arguments and events together."""
    string: int = 256 * KILOBYTE
    steps: int = 100_000
    call_depth: int = 20
    """RecursionError above it; this one can be caught."""
    argument: int = 32 * KILOBYTE
    response: int = 2048 * KILOBYTE
    """An HTTP response; the driver enforces it."""
    threads: int = 20
    """Branches and iterations that run at once; the others queue."""
    parallel_depth: int = 2
    """ParallelNestingError above it."""
    branch_errors: int = 100
    http_timeout: float = 1800.0
    wait: float = 31_536_000.0
    """The longest sleep, connector call and callback wait: a year."""
    source: int = 128 * KILOBYTE
    expression: int = 400
    assignments: int = 50
    conditions: int = 50
    branches: int = 10
    parameters: int = 10
    list_of_steps: int = 100_000


STRICT = Limits()
OFF = Limits(
    memory=UNLIMITED,
    string=UNLIMITED,
    steps=UNLIMITED,
    call_depth=UNLIMITED,
    argument=UNLIMITED,
    response=UNLIMITED,
    parallel_depth=UNLIMITED,
    branch_errors=UNLIMITED,
    http_timeout=float("inf"),
    wait=float("inf"),
    source=UNLIMITED,
    expression=UNLIMITED,
    assignments=UNLIMITED,
    conditions=UNLIMITED,
    branches=UNLIMITED,
    parameters=UNLIMITED,
    list_of_steps=UNLIMITED,
)
"""For exploring. Threads stay at 20: that is a queue, not a refusal."""
