"""Load jobs: files of buckets, or of the request itself, into a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emulator.bigquery import catalog, fields, partitions, queries
from emulator.bigquery.catalog import Ref
from emulator.bigquery.errors import BigQueryError, invalid
from emulator.bigquery.files import reading
from emulator.bigquery.hive import Found
from emulator.bigquery.reading import described, normal
from emulator.bigquery.unknown import need_known
from emulator.bigquery.warehouse import Warehouse, note

Json = Any


def load(
    warehouse: Warehouse, config: dict[str, Json], found: list[Found]
) -> tuple[dict[str, Json], list[Json]]:
    """Google's statistics of the load, and the errors of records that it left out; a file that
    cannot be read changes nothing.
    """
    import duckdb

    ref = Ref.of(config["destinationTable"])
    try:
        with warehouse.write() as cursor:
            catalog.get_dataset(cursor, ref.project, ref.dataset)
            sql, schema = source(cursor, ref, config, found)
            rows = queries.put_rows(cursor, ref, sql, schema, config)
            bad = _bad_records(cursor, config)
            told = {**_told([path for _, path in found], rows), "badRecords": str(len(bad))}
            note(cursor, {"load": told})
            return told, bad
    except duckdb.Error as error:
        text = str(error).split("\n\n")[0]
        message = f"Error while reading data, error message: {text.splitlines()[0]}"
        raise BigQueryError("invalid", message) from None


def _told(paths: list[Path], rows: int) -> dict[str, Json]:
    size = sum(path.stat().st_size for path in paths)
    return {"inputFiles": str(len(paths)), "inputFileBytes": str(size), "outputRows": str(rows),
            "outputBytes": str(size)}  # fmt: skip


def _bad_records(cursor: Any, config: dict[str, Json]) -> list[Json]:
    """Those of CSV that were left out: one line each, though several of its values be bad."""
    most = int(config.get("maxBadRecords") or 0)
    if not most or (config.get("sourceFormat") or "CSV").upper() != "CSV":
        return []
    rows = cursor.execute(
        "select line, first(error_message) from reject_errors group by file_id, line order by line"
    ).fetchall()
    errors = [BigQueryError("invalid", f"Error while reading data, error message: {message}; "
                            f"line_number: {line}").proto() for line, message in rows]  # fmt: skip
    if len(errors) > most:
        raise BigQueryError("invalid", f"Error while reading data, error message: CSV processing "
                            f"encountered too many errors, giving up. Rows: {len(errors)}; errors: "
                            f"{len(errors)}; max bad: {most}")  # fmt: skip
    return errors


def source(
    cursor: Any, ref: Ref, config: dict[str, Json], found: list[Found]
) -> tuple[str, list[fields.Field]]:
    declared = fields.canonical((config.get("schema") or {}).get("fields") or [])
    base, partition = partitions.split(ref)
    live = catalog.find_table(cursor, base)
    appends = bool(partition) or config.get("writeDisposition") != "WRITE_TRUNCATE"
    kind = (config.get("sourceFormat") or "CSV").upper()
    if not declared and live and appends and kind != "PARQUET" and not config.get("autodetect"):
        declared = live["schema"]["fields"]
    if not declared and kind not in ("PARQUET", "AVRO") and not config.get("autodetect"):
        raise invalid("No schema specified on job or table.")
    if declared and kind == "NEWLINE_DELIMITED_JSON":
        need_known(cursor, config, found, declared)
    sql = reading(found, config, declared)
    if declared:
        return sql, declared
    schema = described(cursor, sql)
    if live and appends:
        schema = _as_live(schema, live["schema"]["fields"])
    return normal(sql, schema), schema


def _as_live(schema: list[fields.Field], live: list[fields.Field]) -> list[fields.Field]:
    """A file's types where the table's are the same thing written otherwise."""
    by_name = {f["name"].lower(): f for f in live}
    same = {("DATETIME", "TIMESTAMP"), ("INTEGER", "NUMERIC"), ("INTEGER", "FLOAT"),
            ("STRING", "JSON"), ("NUMERIC", "BIGNUMERIC")}  # fmt: skip
    return [
        {**f, "type": by_name[f["name"].lower()]["type"]}
        if (f["type"], by_name.get(f["name"].lower(), f)["type"]) in same
        else f
        for f in schema
    ]
