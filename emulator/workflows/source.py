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
        self.unsure: set[str] = set()
        """Routines of which a part could not be understood: names may be missing there."""

    def add(self, at: Place, message: str, *, understood: bool = False) -> None:
        """`understood`: the mistake hides no names of steps or variables."""
        self.found.append(
            SourceProblem(at.line, at.column, message, self.step, self.routine, at.length)
        )
        if not understood:
            self.unsure.add(self.routine)

    def missing(self, at: Place, message: str) -> None:
        """A name that is not there, unless another mistake may be why."""
        if self.routine not in self.unsure and "" not in self.unsure:
            self.add(at, message, understood=True)

    def check(self) -> None:
        """Raise what was found, if anything."""
        if self.found:
            raise SourceError(self.found)
