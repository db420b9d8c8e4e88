"""Rules that workflows and their executions share: labels, levels (Workflows API: Workflow)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
LEVELS = {
    "callLogLevel": (
        "CALL_LOG_LEVEL_UNSPECIFIED",
        "LOG_ALL_CALLS",
        "LOG_ERRORS_ONLY",
        "LOG_NONE",
    ),
    "executionHistoryLevel": (
        "EXECUTION_HISTORY_LEVEL_UNSPECIFIED",
        "EXECUTION_HISTORY_BASIC",
        "EXECUTION_HISTORY_DETAILED",
    ),
}
"""Field → names of its enum, in the order of their numbers."""


def label_problems(given: Mapping[str, Json]) -> Iterator[str]:
    if len(given) > 64:
        yield "At most 64 labels are allowed."
    for key, value in given.items():
        if not _is_label(key) or not key[:1].isalpha():
            yield f"Invalid label key '{key}'."
        if not _is_label(str(value)) and value != "":
            yield f"Invalid value of label '{key}': '{value}'."


def _is_label(text: str) -> bool:
    """Lower case letters of any script, digits, underscores and dashes."""
    plain = text.replace("_", "a").replace("-", "a")
    return len(text) <= 63 and plain.isalnum() and text == text.lower()
