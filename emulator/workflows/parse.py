"""Source text → Program, or every mistake at once."""

from __future__ import annotations

from emulator.workflows.limits import STRICT, Limits
from emulator.workflows.syntax import Program


def parse(source: str, *, limits: Limits = STRICT) -> Program:
    """Raises SourceError with all problems of the definition."""
    raise NotImplementedError
