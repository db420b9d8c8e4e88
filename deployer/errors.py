"""What can go wrong, and who should act.

BlockliftError
├── ProjectError        the author mends files          (problems: path, line, hint)
├── UsageError          the caller types something else (hint)
├── RunError            the author mends a block        (block, message, log lines)
└── CloudError          the target said no
    ├── NotAllowed      someone grants a role           (permission, resource)
    ├── Conflict        run it again                    (resource)
    ├── Busy            wait a little                   (quota, outage)
    └── Unreachable     start it, or mend the network   (endpoint)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a project, where it stands and how to mend it."""

    path: Path
    line: int
    """1-based; 0 when the whole file or folder is meant."""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.message}" + (f"\n    hint: {self.hint}" if self.hint else "")


class BlockliftError(Exception):
    """Everything that this package raises on purpose; never shown with a traceback."""

    exit_code = 1
    hint = ""


class ProjectError(BlockliftError):
    """Every mistake found in a project, at once."""

    def __init__(self, problems: Sequence[Problem], hint: str = "") -> None:
        self.problems = tuple(problems)
        self.hint = hint
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(BlockliftError):
    """The command was called in a way that cannot work."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class RunError(BlockliftError):
    """A run ended in failure."""


class CloudError(BlockliftError):
    """The target refused or failed."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NotAllowed(CloudError):
    """The caller lacks a permission."""


class Conflict(CloudError):
    """Somebody else is changing the same resource."""


class Busy(CloudError):
    """The target is overloaded, failed inside, or a quota is used up for now."""


class Unreachable(CloudError):
    """Nothing answers at the endpoint."""
