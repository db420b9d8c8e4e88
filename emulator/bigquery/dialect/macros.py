"""What DuckDB computes for Google's functions, as DuckDB's macros: `macros.sql` beside this."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path


def macros() -> list[str]:
    """One statement a name, after those that it uses; lines of one name are its overloads."""
    bodies: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".sql").read_text().splitlines():
        if line and not line.startswith("--"):
            head, _, body = line.partition(" := ")
            name, _, given = head.partition("(")
            bodies.setdefault(name, []).append(f"({given} as ({body})")
    uses = {name: set(re.findall(r"\bbq_\w+", " ".join(made))) & bodies.keys() - {name}
            for name, made in bodies.items()}  # fmt: skip
    return [f"create or replace macro {name} {', '.join(bodies[name])}"
            for name in TopologicalSorter(uses).static_order()]  # fmt: skip
