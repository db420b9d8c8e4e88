"""Errors of the language while a program runs (Workflows: Workflow errors).

An error value is what `except` binds. Messages and tags are those of the service: they have a
Python flavour, and a tag is followed by the more general ones (`KeyError`, `LookupError`).
"""

from __future__ import annotations

from typing import Any

from emulator.workflows.effects import Frame
from emulator.workflows.source import Place

GENERAL = {
    "IndexError": ("LookupError",),
    "KeyError": ("LookupError",),
    "OverflowError": ("ArithmeticError",),
    "ZeroDivisionError": ("ArithmeticError",),
    "RecursionError": ("RuntimeError",),
    "UnhandledBranchError": ("RuntimeError",),
    "ParallelNestingError": ("RuntimeError",),
}
"""What a tag is a case of."""


class LanguageError(Exception):
    """An error value on its way up, and where it began."""

    catchable = True

    def __init__(self, value: Any, at: Place | None = None) -> None:
        super().__init__(value)
        self.value = value
        self.at = at
        self.stack: tuple[Frame, ...] | None = None


class Fatal(LanguageError):
    """A limit of the service: no workflow can catch it."""

    catchable = False


def tagged(tag: str, message: str, **fields: Any) -> dict[str, Any]:
    """An error value of the library."""
    return {**fields, "message": message, "tags": [tag, *GENERAL.get(tag, ())]}


def error(tag: str, message: str) -> LanguageError:
    return LanguageError(tagged(tag, f"{tag}: {message}"))


def type_error(message: str) -> LanguageError:
    return error("TypeError", message)


def value_error(message: str) -> LanguageError:
    return error("ValueError", message)


def key_error(key: object) -> LanguageError:
    return error("KeyError", f"key not found: {key}")


def index_error(index: int, length: int) -> LanguageError:
    return error("IndexError", f"index out of range: {index} (the list has {length} elements)")


def resource_error(message: str) -> Fatal:
    return Fatal(tagged("ResourceLimitError", f"ResourceLimitError: {message}"))
