"""Outputs of other blocks as dbt sources: declared in mage_sources.yml, loaded as seeds.

A model writes `source('mage_<dbt project>', '<pipeline>_<block>')`; the table behind it is
`mage_<pipeline>_<block>` (Mage: "dbt blocks", upstream data).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FILE = "mage_sources.yml"
SEEDS = "mage_upstream"
"""Folder below the project's seeds."""
SOURCE = re.compile(r"""\bsource\s*\(\s*(['"])([\w-]+)\1\s*,\s*(['"])([\w/-]+)\3\s*\)""")


def source_name(folder: str) -> str:
    """By the dbt project's folder."""
    return f"mage_{folder.rstrip('/').rpartition('/')[2]}"


def asked(texts: Iterable[str], names: Sequence[str]) -> list[str]:
    """Tables of these sources that texts of models name, sorted."""
    found = (match for text in texts for match in SOURCE.finditer(text))
    return sorted({match[4] for match in found if match[2] in names})


def table(pipeline: str, block: str) -> str:
    """As a source's table is called; dbt takes no `/` in a name."""
    return re.sub(r"\W", "_", f"{pipeline}_{block}")


def identifier(name: str) -> str:
    """The table in the database."""
    return f"mage_{name}"


def declared(
    written: Any, names: Sequence[str], tables: Sequence[str], schema: str
) -> dict[str, Any]:
    """mage_sources.yml with these sources in this schema; other sources stay as they are."""
    before = written if isinstance(written, Mapping) else {}
    listed = [s for s in before.get("sources") or [] if isinstance(s, Mapping)]
    others = [dict(source) for source in listed if source.get("name") not in names]
    ours = [_source(name, listed, tables, schema) for name in names]
    kept = [source for source in ours if source["tables"]]
    return {**before, "version": 2, "sources": others + kept}


def _source(
    name: str, listed: Sequence[Mapping[str, Any]], tables: Sequence[str], schema: str
) -> dict[str, Any]:
    was = next((source for source in listed if source.get("name") == name), {})
    known = {t["name"]: dict(t) for t in was.get("tables") or [] if isinstance(t, Mapping)}
    for table_name in tables:
        known.setdefault(table_name, {"name": table_name})
        known[table_name].setdefault("identifier", identifier(table_name))
    settings = {key: value for key, value in was.items() if key != "database"}
    return {**settings, "name": name, "schema": schema, "tables": list(known.values())}


def seed_settings(tables: Sequence[str]) -> dict[str, Any]:
    """Properties of the seeds: in the target's own schema, whatever the project's seeds get."""
    config = {"schema": None, "enabled": True, "full_refresh": True}
    return {"version": 2, "seeds": [{"name": identifier(t), "config": config} for t in tables]}
