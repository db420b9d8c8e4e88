"""What can go wrong around a user's block, by who should act.

Problem
├── InputProblem      the pipeline: wiring, a missing upstream output   (kind input)
├── SettingsProblem   io_config, secrets, permissions, a missing library (kind settings)
├── TestsFailed       the block's own @test said no                     (kind test)
├── BlockTimeout      the block took longer than its `timeout`          (kind timeout)
└── StoreProblem      the bucket did not do what was asked              (kind internal)

Anything else that a block raises is the block's own exception (kind exception).
"""

from __future__ import annotations

from runtime.contract import FailureKind


class Problem(Exception):
    """A failure that the runtime words itself, with the place in the user's file if known."""

    kind = FailureKind.INTERNAL

    def __init__(self, message: str, *, file: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


class InputProblem(Problem):
    """The block cannot be called with what its upstream blocks left."""

    kind = FailureKind.INPUT


class SettingsProblem(Problem):
    """Something outside the code is missing or wrong: settings, secrets, rights, libraries."""

    kind = FailureKind.SETTINGS


class TestsFailed(Problem):
    """One or more `@test` functions failed."""

    __test__ = False
    kind = FailureKind.TEST


class BlockTimeout(Problem):
    """Raised inside a block that ran longer than its `timeout`."""

    kind = FailureKind.TIMEOUT


class StoreProblem(Problem):
    """Storage failed in a way that nobody but the operator can mend."""


class MissingLibrary(SettingsProblem, ModuleNotFoundError):
    """A client library that the function's requirements do not bring."""

    def __init__(self, feature: str, requirement: str) -> None:
        super().__init__(f"{feature} needs {requirement}; add it to the project's requirements.txt")
        self.name = requirement
