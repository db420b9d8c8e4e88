"""What a source states: a statement, what must be there before it, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

UNKNOWN = object()
"""A row that the source does not tell in a form that can be compared."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement of a source, with what it must give."""

    file: str
    name: str
    query: str
    expected: Any
    """Typed rows, cells as text, or how it fails: what `judging` can compare."""
    setup: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """The statement must fail."""

    message: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as documentation draws it: cells as texts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with its type, as compliance tests write it."""

    kind: str
    """INT64, STRUCT, ARRAY, …"""
    value: Any
    """None, a scalar of Python, or a list of `Typed`."""
    ordered: bool = True


@dataclass(slots=True)
class Tally:
    """How the statements of one file came out."""

    right: int = 0
    refused: int = 0
    failed: int = 0
    wrong: int = 0
    beside: int = 0
    """Of what BigQuery does not have, or that cannot be compared."""
    told: list[dict[str, str]] = field(default_factory=list)
