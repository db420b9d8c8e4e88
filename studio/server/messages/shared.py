"""What several kinds of messages hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Json = Any
BlockState = Literal[
    "pending", "running", "waiting", "done", "failed", "condition_failed", "upstream_failed"
]
RunState = Literal["queued", "active", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a project (`blocklift check`)."""

    path: str
    line: int
    message: str
    hint: str
