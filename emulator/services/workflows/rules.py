"""What a Workflow resource may hold (Workflows API: Workflow; "Use environment variables")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.drive.rules import LEVELS, label_problems
from emulator.errors import ApiError, invalid
from emulator.rpc.listing import enum
from emulator.workflows.source import SourceError, SourceProblem

Json = Any
SETTABLE = (
    "description", "labels", "serviceAccount", "sourceContents", "cryptoKeyName", "callLogLevel",
    "userEnvVars", "executionHistoryLevel", "tags",
)  # fmt: skip
REVISED_BY = ("sourceContents", "serviceAccount", "userEnvVars", "cryptoKeyName")
"""A change of one of these makes a new revision; executions keep what they started with."""
_ID = re.compile(r"[a-zA-Z](?:[a-zA-Z0-9_-]{0,62}[a-zA-Z0-9])?")


def workflow_id(given: str) -> str:
    if not _ID.fullmatch(given):
        raise invalid(
            f"Invalid workflow ID '{given}': it must have 1 to 64 letters, digits, underscores and "
            "hyphens, start with a letter and end with a letter or a digit."
        )
    return given


def check(workflow: Mapping[str, Json]) -> None:
    """Every mistake at once."""
    if problems := list(_problems(workflow)):
        raise invalid(" ".join(problems))


def _problems(workflow: Mapping[str, Json]) -> Iterator[str]:
    if len(workflow.get("description", "")) > 1000:
        yield "The description must not be longer than 1000 characters."
    yield from label_problems(workflow.get("labels") or {})
    yield from _environment(workflow.get("userEnvVars") or {})
    if not workflow.get("sourceContents"):
        yield "The workflow source must not be empty."


def _environment(given: Mapping[str, Json]) -> Iterator[str]:
    if len(given) > 20:
        yield "At most 20 user environment variables are allowed."
    for key, value in given.items():
        if not key or key.startswith(("GOOGLE", "WORKFLOWS")):
            yield f"Invalid environment variable name '{key}'."
        if len(str(value).encode()) > 4096:
            yield f"The value of environment variable '{key}' is larger than 4 KiB."


def with_names(workflow: Mapping[str, Json]) -> dict[str, Json]:
    """Enums by name, as people and Google's clients may both send them."""
    named = {key: workflow[key] for key in SETTABLE if workflow.get(key) not in (None, "", {})}
    for field, names in LEVELS.items():
        level = enum(workflow.get(field), names, field)
        named.pop(field, None)
        if level:
            named[field] = level
    return named


def refused(error: SourceError) -> ApiError:
    """A definition with mistakes: INVALID_ARGUMENT, each mistake with its step and place."""
    texts = [f"{p} (line {p.line}, column {p.column})" for p in error.problems]
    violations = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [_violation(problem) for problem in error.problems],
    }
    message = "failed to build: " + "\n".join(texts) + " (Code: 3)"
    return ApiError("INVALID_ARGUMENT", message, [violations])


def _violation(problem: SourceProblem) -> dict[str, str]:
    return {"field": "workflow.source_contents", "description": problem.located}


Check = Callable[[str], object]
"""Parses a source; SourceError when it cannot be deployed."""


def check_source(source: str, parse: Check) -> None:
    try:
        parse(source)
    except SourceError as error:
        raise refused(error) from None
