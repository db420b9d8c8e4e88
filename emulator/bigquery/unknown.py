"""Keys of JSON files for which their table has no column (Google: "Load JSON data")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from emulator.bigquery import fields
from emulator.bigquery.errors import BigQueryError
from emulator.bigquery.hive import Found

Json = Any


def need_known(
    cursor: Any, config: Mapping[str, Json], found: list[Found], schema: list[fields.Field]
) -> None:
    """A refusal that names the first of them, unless they are to be ignored."""
    if config.get("ignoreUnknownValues") or not found:
        return
    files = ", ".join(fields.text_of(str(path)) for _, path in found)
    structure = cursor.execute(
        f"select json_group_structure(json) from read_ndjson_objects([{files}], "
        "maximum_object_size = 104857600, ignore_errors = true)"
    ).fetchall()[0][0]
    for name in _unknown(orjson.loads(structure or "{}"), schema, ""):
        raise BigQueryError(
            "invalid",
            "Error while reading data, error message: JSON table encountered too many errors, "
            f"giving up. JSON parsing error: No such field: {name}.",
        )


def _unknown(structure: Json, schema: list[fields.Field], inside: str) -> Iterator[str]:
    """`structure` is DuckDB's: {"key": "TYPE"}, with lists and objects in one another."""
    while isinstance(structure, list):
        structure = structure[0] if structure else None
    if not isinstance(structure, dict):
        return
    known = {field["name"].lower(): field for field in schema}
    for key, value in structure.items():
        field = known.get(key.lower())
        if field is None:
            yield inside + key
        elif field["type"] == "RECORD":
            yield from _unknown(value, field["fields"], f"{inside}{key}.")
