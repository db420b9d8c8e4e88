"""A file and the places in it that a mistake points at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CONTEXT = 2
"""Lines shown before the one that is marked."""


def marked(source: str, line: int, column: int, length: int = 1) -> Iterator[str]:
    """The line with those before it, and a mark under what is meant."""
    lines = source.splitlines()
    if not lines:
        return
    if line > len(lines):  # the end came too early
        line, column = len(lines), len(lines[-1]) + 1
    for number in range(max(1, line - CONTEXT), line + 1):
        yield f"{number:>5} | {lines[number - 1]}".rstrip()
    room = max(1, len(lines[line - 1]) - column + 1)
    yield f"      | {' ' * (column - 1)}{'^' * min(max(1, length), room)}"


def place(file: Path, line: int, column: int) -> str:
    return f"{file}:{line}:{column}"
