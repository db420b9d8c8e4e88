"""Mistakes in a source: each knows its place, and they are reported all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class SourceProblem:
    """One mistake. `str()` is Google's form: `error in step X: …`."""

    line: int
    column: int
    message: str
    step: str = ""
    routine: str = ""
    length: int = 1

    def __str__(self) -> str:
        if self.step:
            return f"error in step {self.step}: {self.message}"
        return self.message

    @property
    def located(self) -> str:
        """With line and column, for people."""
        return f"{self.line}:{self.column}: {self}"


class SourceError(Exception):
    """A definition that cannot be deployed (INVALID_ARGUMENT)."""

    def __init__(self, problems: Iterable[SourceProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
