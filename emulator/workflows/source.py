"""Places in a source, and mistakes: each knows its place, and all are reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands. Lines and columns count from 1, as editors do."""

    line: int
    column: int
    length: int = 1


NOWHERE = Place(1, 1, 0)


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
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """Collects mistakes while a source is read; knows which step is being looked at."""

    def __init__(self) -> None:
        self.found: list[SourceProblem] = []
        self.step = ""
        self.routine = ""

    def add(self, at: Place, message: str) -> None:
        self.found.append(
            SourceProblem(at.line, at.column, message, self.step, self.routine, at.length)
        )

    def check(self) -> None:
        """Raise what was found, if anything."""
        if self.found:
            raise SourceError(self.found)
