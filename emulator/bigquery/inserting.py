"""Streaming inserts (Google: "tabledata.insertAll"): row by row, with an error for each bad one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import orjson

from emulator.bigquery import catalog, fields, partitions
from emulator.bigquery.catalog import Ref
from emulator.bigquery.errors import invalid
from emulator.bigquery.files import reading
from emulator.bigquery.warehouse import Warehouse

Json = Any


def insert_all(warehouse: Warehouse, ref: Ref, given: dict[str, Json]) -> list[Json]:
    """Google's insertErrors; unless `skipInvalidRows`, one bad row keeps all of them out."""
    rows = [row.get("json") or {} for row in given.get("rows") or []]
    if not rows:
        raise invalid("No rows present in the request.")
    ref, partition = partitions.split(ref)
    with warehouse.write() as cursor:
        before = partitions.sizes_of(cursor, ref, partition) if partition else (0, 0)
        schema = catalog.get_table(cursor, ref)["schema"]["fields"]
        bad = _unknown(rows, schema, bool(given.get("ignoreUnknownValues")))
        bad |= {
            at: e for at, row in enumerate(rows) if at not in bad and (e := _missing(row, schema))
        }
        if not bad and (failed := _put(cursor, ref, rows, schema)):
            bad = _each(cursor, ref, rows, schema, failed)
        if bad and given.get("skipInvalidRows"):
            good = [row for at, row in enumerate(rows) if at not in bad]
            if good:
                _put(cursor, ref, good, schema)
        elif bad:
            stopped = [{"reason": "stopped", "location": "", "debugInfo": "", "message": ""}]
            bad = {at: bad.get(at, stopped) for at in range(len(rows))}
        if partition:
            partitions.need_inside(cursor, ref, partition, before)
    return [{"index": at, "errors": bad[at]} for at in sorted(bad)]


def _error(field: str, message: str) -> list[Json]:
    return [{"reason": "invalid", "location": field, "debugInfo": "", "message": message}]


def _unknown(rows: list[Json], schema: list[fields.Field], ignored: bool) -> dict[int, list[Json]]:
    known = {field["name"].lower() for field in schema}
    if ignored:
        return {}
    return {
        at: _error(name, f"no such field: {name}.")
        for at, row in enumerate(rows)
        for name in row
        if name.lower() not in known
    }


def _missing(row: Json, schema: list[fields.Field]) -> list[Json]:
    given = {name.lower() for name, value in row.items() if value is not None}
    for field in schema:
        if field["mode"] == "REQUIRED" and field["name"].lower() not in given:
            return _error("", f"Missing required field: {field['name']}.")
    return []


def _put(cursor: Any, ref: Ref, rows: list[Json], schema: list[fields.Field]) -> str:
    """What DuckDB says against it; nothing when the rows are in."""
    import duckdb

    with tempfile.NamedTemporaryFile("wb", suffix=".json") as file:
        file.write(b"\n".join(orjson.dumps(_plain(row, schema)) for row in rows))
        file.flush()
        config = {"sourceFormat": "NEWLINE_DELIMITED_JSON"}
        sql = reading([("", Path(file.name))], config, schema)
        try:
            cursor.sql(f"select * from ({sql})").fetchall() if _risky(rows) else None
            cursor.execute(f"insert into {ref.duck} {sql}")
        except duckdb.ConversionException as error:
            return str(error).split("\n", maxsplit=1)[0]
        except duckdb.InvalidInputException as error:
            return str(error).split("\n", maxsplit=1)[0]
    return ""


def _risky(rows: list[Json]) -> bool:
    """Read first, so that a bad value does not end the transaction."""
    return bool(rows)


def _plain(row: Json, schema: list[fields.Field]) -> Json:
    """Names as the schema writes them."""
    names = {field["name"].lower(): field["name"] for field in schema}
    return {names[n.lower()]: value for n, value in row.items() if n.lower() in names}


def _each(
    cursor: Any, ref: Ref, rows: list[Json], schema: list[fields.Field], failed: str
) -> dict[int, list[Json]]:
    """Which rows it was."""
    found = {at: _error("", failed) for at, row in enumerate(rows) if _reads(cursor, row, schema)}
    return found or {0: _error("", failed)}


def _reads(cursor: Any, row: Json, schema: list[fields.Field]) -> str:
    import duckdb

    with tempfile.NamedTemporaryFile("wb", suffix=".json") as file:
        file.write(orjson.dumps(_plain(row, schema)))
        file.flush()
        config = {"sourceFormat": "NEWLINE_DELIMITED_JSON"}
        try:
            cursor.sql(reading([("", Path(file.name))], config, schema)).fetchall()
        except duckdb.Error as error:
            return str(error)
    return ""
