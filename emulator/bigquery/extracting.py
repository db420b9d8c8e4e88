"""Tables out to buckets, tables into tables, and what `gs://` URIs mean."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from emulator.bigquery import catalog, partitions, queries
from emulator.bigquery.catalog import Ref
from emulator.bigquery.errors import invalid, unsupported
from emulator.bigquery.exporting import TYPES, write
from emulator.bigquery.warehouse import Warehouse, note
from emulator.cloud import Principal

Json = Any
_URI = re.compile(r"gs://([^/]+)/(.+)")


class Buckets(Protocol):
    """Cloud Storage, as jobs see it."""

    def found(self, uri: str, caller: Principal, must: bool = False) -> list[tuple[str, Path]]:
        """Each object's URI and file; `must`: a refusal when there are none."""
        ...

    def put(self, uri: str, file: Path, kind: str, caller: Principal) -> None: ...


def split_uri(uri: str) -> tuple[str, str]:
    found = _URI.fullmatch(uri)
    if not found:
        raise invalid(f"Invalid source URI: {uri}")
    return found[1], found[2]


def extract(
    warehouse: Warehouse,
    config: dict[str, Json],
    buckets: Buckets,
    caller: Principal,
    allow: Callable[[str, str], None],
) -> dict[str, Json]:
    ref = Ref.of(config["sourceTable"])
    allow("bigquery.tables.export", ref.resource)
    kind = (config.get("destinationFormat") or "CSV").upper()
    if kind not in TYPES:
        raise unsupported(f"extracts as {kind}")
    uris = config.get("destinationUris") or [config["destinationUri"]]
    with tempfile.TemporaryDirectory() as folder, warehouse.read() as cursor:
        rows, schema = _rows(cursor, ref)
        file = Path(folder) / "part"
        write(cursor, rows, schema, file, kind, config)
        for uri in uris:
            buckets.put(uri.replace("*", "000000000000"), file, TYPES[kind], caller)
    return {"destinationUriFileCounts": ["1"] * len(uris), "inputBytes": "0"}


def _rows(cursor: Any, ref: Ref) -> tuple[str, list[dict[str, Json]]]:
    """Of a table or one partition of it, and their schema."""
    base, partition = partitions.split(ref)
    table = catalog.get_table(cursor, base)
    return partitions.rows_sql(table, base, partition), table["schema"]["fields"]


def copy(warehouse: Warehouse, sources: list[Ref], target: Ref, config: dict[str, Json]) -> None:
    options = {"writeDisposition": "WRITE_EMPTY", **config}
    with warehouse.write() as cursor:
        for at, source in enumerate(sources):
            rows, schema = _rows(cursor, source)
            if at:
                options["writeDisposition"] = "WRITE_APPEND"
            queries.put_rows(cursor, target, rows, schema, options)
        note(cursor, {})
