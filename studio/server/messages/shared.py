"""What several kinds of messages hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Json = Any
BlockState = Literal[
    "pending", "running", "waiting", "done", "failed", "skipped", "upstream_failed", "not_run"
]
"""`skipped`: its condition, or that of a block above, was not met. `not_run`: the run ended before
it began."""
RunState = Literal["queued", "active", "succeeded", "failed", "cancelled", "skipped"]
"""`skipped`: it began no block, such as when as many runs as are allowed were active."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a project (`blocklift check`)."""

    path: str
    line: int
    message: str
    hint: str
