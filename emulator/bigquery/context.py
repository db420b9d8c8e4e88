"""What a statement is run with, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.bigquery.catalog import Ref
from emulator.bigquery.errors import invalid
from emulator.bigquery.results import Kept

Json = Any


def in_memory(rows: Any) -> Kept:
    return Kept("", rows.read_all())


def nowhere(uri: str, _file: Path, _kind: str) -> None:
    raise invalid(f"Nothing can be written to {uri} here.")


@dataclass(slots=True)
class Context:
    """One query's surroundings."""

    source: str
    project: str
    default: tuple[str, str] | None
    region: str
    files: Callable[[str], list[tuple[str, Path]]]
    """gs:// URI, perhaps with a `*`, → the objects' URIs and files."""
    allow: Callable[[str, str], None]
    """(permission, resource) → nothing, or a refusal."""
    values: dict[str, Any] = field(default_factory=dict)
    """Named parameters: sqlglot trees. Positional ones are named "0", "1", …"""
    functions: dict[str, Any] = field(default_factory=dict)
    """Temporary functions by their small name."""
    referenced: list[Ref] = field(default_factory=list)
    temps: dict[str, Ref] = field(default_factory=dict)
    """Temporary tables of a script by their small name."""
    home: str | None = None
    """The dataset of those."""
    variables: dict[str, str] = field(default_factory=dict)
    """A script's variables by their small name, and DuckDB's names of them."""
    types: dict[str, str] = field(default_factory=dict)
    """DuckDB's types of those that were declared with one."""
    scopes: list[list[str]] = field(default_factory=lambda: [[]])
    """Variables that each open block has declared."""
    depth: int = 0
    """Of views in views."""
    externals: dict[str, Json] = field(default_factory=dict)
    """External tables of this query alone, by name."""
    put: Callable[[str, Path, str], None] = nowhere
    """(gs:// URI, file, content type): an object made."""
    limits: dict[str, Json] = field(default_factory=dict)
    """The job's `configuration.query`, for what it may cost."""
    keep: Callable[[Any], Kept] = in_memory
    """A reader of Arrow batches → where the rows of a SELECT now lie."""
    outcomes: list[Outcome] = field(default_factory=list)
    """Of the statements that are done, also when a later one fails."""


@dataclass(slots=True)
class Outcome:
    """What one statement did."""

    kind: str
    """Google's statementType."""
    schema: list[dict[str, Json]] | None = None
    sql: str = ""
    """DuckDB's query of a SELECT."""
    rows: Any = None
    """Arrow table of a SELECT."""
    affected: int | None = None
    stats: dict[str, str] = field(default_factory=dict)
    target: Ref | None = None
    operation: str = ""
    """Google's ddlOperationPerformed."""
    source: str = ""
    """The statement itself."""
    kept: str = ""
    """Name of the rows among the results."""
    began: str = field(default_factory=lambda: str(int(time.time() * 1000)))
    ended: str = ""
    """Milliseconds of the epoch."""
    bytes: int = 0
    """That were read, as Google counts them."""
