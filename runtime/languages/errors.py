"""Failures of the user's own code in another language: theirs to mend, as an exception is."""

from __future__ import annotations

from runtime.contract import FailureKind
from runtime.errors import Problem


class RError(Problem):
    """R stopped with an error; its message, and the line of the block's file if R knew it."""

    kind = FailureKind.EXCEPTION


class DbtError(Problem):
    """dbt said no: a model did not build, a seed did not load, the project does not parse."""

    kind = FailureKind.EXCEPTION


class DbtTestsFailed(DbtError):
    """dbt's own tests of a model found rows that they should not (dbt: "Data tests")."""

    kind = FailureKind.TEST


class ApiError(Problem):
    """The address of a YAML source did not answer with what was asked for."""

    kind = FailureKind.EXCEPTION
