"""What DuckDB computes for Google's functions, as DuckDB's macros: `macros.sql` beside this."""

from __future__ import annotations

from pathlib import Path


def _macro(line: str) -> str:
    head, _, body = line.partition(" := ")
    return f"create or replace macro {head} as ({body})"


def macros() -> list[str]:
    lines = Path(__file__).with_suffix(".sql").read_text().splitlines()
    return [_macro(line) for line in lines if line and not line.startswith("--")]
