"""Hive layouts: `…/year=2024/month=1/x.parquet` (Google: "Use externally partitioned data")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emulator.bigquery import fields
from emulator.bigquery.errors import invalid

Json = Any
Found = tuple[str, Path]
"""An object's gs:// URI and its file."""


def keys_of(config: Mapping[str, Json], uri: str) -> dict[str, str]:
    """The partition of one object; a prefix may itself tell names and types, `{year:INTEGER}`."""
    prefix = _prefix(config)
    if not uri.startswith(prefix):
        raise invalid(f"Source URI {uri} does not begin with the hive partition prefix {prefix}")
    parts = uri.removeprefix(prefix).strip("/").split("/")[:-1]
    found = dict(part.split("=", 1) for part in parts if "=" in part)
    if len(found) != len(parts):
        raise invalid(f"Unable to parse the hive partition keys of {uri}")
    return found


def _prefix(config: Mapping[str, Json]) -> str:
    given: str = config["hivePartitioningOptions"].get("sourceUriPrefix") or ""
    return given.partition("{")[0].rstrip("/")


def partition_fields(config: Mapping[str, Json], found: Sequence[Found]) -> list[fields.Field]:
    """Names and types of the keys: as they are declared, or what all values are."""
    options = config["hivePartitioningOptions"]
    declared = dict(re.findall(r"\{(\w+):(\w+)\}", options.get("sourceUriPrefix") or ""))
    every = [keys_of(config, uri) for uri, _ in found]
    if len({tuple(one) for one in every}) > 1:
        raise invalid("Incompatible partition schemas: the objects' keys differ")
    kinds = declared or {
        name: _kind([one[name] for one in every], (options.get("mode") or "AUTO").upper())
        for name in (every[0] if every else {})
    }
    return fields.canonical([{"name": name, "type": kind} for name, kind in kinds.items()])


def _kind(values: list[str], mode: str) -> str:
    if mode == "STRINGS":
        return "STRING"
    if all(re.fullmatch(r"-?\d{1,18}", value) for value in values):
        return "INTEGER"
    if all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in values):
        return "DATE"
    return "STRING"


def groups(
    config: Mapping[str, Json], found: Sequence[Found], keys: list[fields.Field]
) -> list[tuple[str, list[Path]]]:
    """(columns of the keys in SQL, files) for each partition."""
    made: dict[str, list[Path]] = {}
    for uri, path in found:
        values = keys_of(config, uri)
        columns = "".join(
            f", cast({_value(values[f['name']])} as {fields.duck_type(f)})"
            f" as {fields.quoted(f['name'])}"
            for f in keys
        )
        made.setdefault(columns, []).append(path)
    return list(made.items())


def _value(text: str) -> str:
    return "null" if text == "__HIVE_DEFAULT_PARTITION__" else fields.text_of(text)
