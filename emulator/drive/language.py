"""The Workflows language, as the engine uses it; tests put a scripted one in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.workflows.machine import execute
from emulator.workflows.parse import parse


@dataclass(frozen=True, slots=True)
class Language:
    """How a source becomes a program, and a program a machine."""

    parse: Callable[..., Any] = parse
    execute: Callable[..., Any] = execute
