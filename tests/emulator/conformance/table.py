"""Every service's rows → the table in docs/emulator.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from tests.emulator.conformance.rows import Outcome, Row, Rows

PAGE = Path(__file__).parents[3] / "docs" / "emulator.md"
BEGIN = "<!-- conformance: written by `python -m tests.emulator.conformance` -->"
END = "<!-- conformance: end -->"
NOT_SERVICES = {"rows", "table", "test_conformance", "__main__", "__init__"}


def services() -> list[Rows]:
    """Of every module in this folder, by its name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    return [
        import_module(f"tests.emulator.conformance.{name}").ROWS
        for name in names
        if name not in NOT_SERVICES
    ]


def table(found: Iterable[Rows]) -> str:
    return "\n".join(line for one in found for line in ("", *_service(one)))


def _service(rows: Rows) -> list[str]:
    head = [f"### {rows.service}: {_told(rows.all)}", "", "| client call | here |", "|---|---|"]
    return [*head, *(f"| {_cell(row.call)} | {row.shown} |" for row in rows.all)]


def _told(rows: list[Row]) -> str:
    count = Counter(row.outcome for row in rows)
    return ", ".join(f"{count[outcome]} {_VERBS[outcome]}" for outcome in Outcome if count[outcome])


_VERBS = {
    Outcome.WORKS: "work",
    Outcome.REFUSES: "refuse as Google documents",
    Outcome.MISSING: "not there",
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def written(page: str, found: Iterable[Rows]) -> str:
    """`page` with the table of today."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has no place for the table: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{table(found)}\n\n{END}{after}"
