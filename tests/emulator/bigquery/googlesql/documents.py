"""Examples of GoogleSQL's reference: statements with the tables of what they give, `docs/*.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .stated import Shown, Stated

_BLOCK = re.compile(r"^ *```(?:googlesql|sql)?[^\n`]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"/\*(-[-+]*[-+*]?\s*\n.*?)\*/", re.DOTALL)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
WHOLE = ("functions-and-operators.md", "resolved_ast.md")
"""Pages that only repeat others."""


def files(root: Path) -> list[Path]:
    return [p for p in sorted((root / "docs").glob("*.md")) if p.name not in WHOLE]


def stated(path: Path) -> Iterator[Stated]:
    text = path.read_text()
    setup: list[str] = []
    for block in _BLOCK.finditer(text):
        yield from _of_block(path.name, _heading(text, block.start()), block[1], setup)


def _heading(text: str, at: int) -> str:
    found = [m[1] for m in _HEADING.finditer(text, 0, at)]
    return re.sub(r"[`\\]|<[^>]*>", "", found[-1]).strip() if found else ""


def _of_block(file: str, name: str, block: str, setup: list[str]) -> Iterator[Stated]:
    at = 0
    for found in _TABLE.finditer(block):
        *before, query = _statements(block[at : found.start()])
        setup += [one for one in before if _makes(one)]
        at = found.end()
        if query and (table := _table(found[1])):
            yield Stated(file, name, query, table, tuple(setup))
    rest = _statements(block[at:])
    setup += [one for one in rest if _makes(one)]


def _statements(text: str) -> list[str]:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    parts = [part.strip() for part in re.split(r";\s*(?:\n|$)", text)]
    return [part for part in parts if re.sub(r"--[^\n]*|\s", "", part)] or [""]


def _makes(text: str) -> bool:
    plain = re.sub(r"^(?:--[^\n]*\n|\s)*", "", text)
    return bool(re.match(r"(?i)(CREATE|INSERT)\b", plain))


def _table(text: str) -> Shown | None:
    lines = [line.strip() for line in text.strip().splitlines()]
    parts: list[list[list[str]]] = [[]]
    for line in lines:
        if re.fullmatch(r"[-+*/]+", line):
            parts.append([])
        elif line.startswith("|") and line.endswith("|"):
            parts[-1].append([cell.strip() for cell in line[1:-1].split("|")])
    filled = [part for part in parts if part]
    if len(filled) < 2 or len(filled[0]) != 1:
        return None
    width = len(filled[0][0])
    rows = [tuple(cells) for part in filled[1:] for cells in part]
    if any(len(row) != width for row in rows):
        return None
    return Shown(tuple(filled[0][0]), tuple(rows))
