"""Which of our cases a source confirms: each of their expressions is there, with the same value.

Only statements without tables are compared; a case is right by its own test, the source's
statement by its verdict, and both give what this engine gives.
"""

from __future__ import annotations

import re
from pathlib import Path

from emulator.bigquery.dialect.parse import parse
from emulator.bigquery.errors import BigQueryError

CASES = Path(__file__).parent.parent / "cases"
MARK = "-- from: GoogleSQL "


def marked(told: list[dict[str, str]]) -> int:
    """Writes where each confirmed case is from into its file; how many there are."""
    known = _expressions(told)
    return sum(_mark(file, known) for file in sorted(CASES.glob("*.sql")))


def count() -> int:
    """Of cases that are marked now."""
    return sum(file.read_text().count(f"\n{MARK}") for file in CASES.glob("*.sql"))


def _expressions(told: list[dict[str, str]]) -> dict[str, str]:
    made: dict[str, str] = {}
    for one in told:
        for item in _items(one["query"]) if one["verdict"] == "right" else []:
            made.setdefault(item, _place(one["file"], one["name"]))
    return made


def _place(file: str, name: str) -> str:
    if file.endswith(".test"):
        return f"compliance tests, {file.removesuffix('.test')}"
    page = file.removesuffix(".md").replace("_", " ").replace("-", " ").capitalize()
    return f"reference, {page}, {name}"


def _items(query: str) -> list[str]:
    try:
        trees = parse(re.sub(r";\s*$", "", query))
    except BigQueryError:
        return []
    if len(trees) != 1 or type(trees[0]).__name__ != "Select" or trees[0].args.get("from_"):
        return []
    shown = [item.unalias().sql(dialect="bigquery") for item in trees[0].expressions]
    return [text.replace('"', "'") for text in shown]


def _mark(file: Path, known: dict[str, str]) -> int:
    lines: list[str] = []
    for line in file.read_text().splitlines():
        if line.startswith(MARK):
            continue
        query, _, told = line.partition(" -- => ")
        items = _items(query) if told and not told.startswith("refuses: ") else []
        if items and all(item in known for item in items):
            lines.append(MARK + "; ".join(sorted({known[item] for item in items})[:3]))
        lines.append(line)
    file.write_text("\n".join(lines) + "\n")
    return sum(line.startswith(MARK) for line in lines)
