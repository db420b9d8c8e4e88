"""Rows → one file (Google: "Exporting table data")."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulator.bigquery import fields
from emulator.bigquery.errors import unsupported

Json = Any
TYPES = {"PARQUET": "application/octet-stream", "CSV": "text/csv",
         "NEWLINE_DELIMITED_JSON": "application/json",
         "AVRO": "application/octet-stream"}  # fmt: skip
_AVRO: dict[str, Json] = {
    "INTEGER": "long", "FLOAT": "double", "BOOLEAN": "boolean", "STRING": "string",
    "BYTES": "bytes", "DATE": {"type": "int", "logicalType": "date"},
    "TIME": {"type": "long", "logicalType": "time-micros"},
    "TIMESTAMP": {"type": "long", "logicalType": "timestamp-micros"},
    "DATETIME": {"type": "string", "logicalType": "datetime"},
    "NUMERIC": {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 9},
    "JSON": {"type": "string", "sqlType": "JSON"},
}  # fmt: skip


def write(
    cursor: Any,
    sql: str,
    schema: list[fields.Field],
    file: Path,
    kind: str,
    config: dict[str, Json],
) -> None:
    if kind == "AVRO":
        _write_avro(cursor, sql, schema, file, config)
        return
    cursor.execute(f"copy ({sql}) to {fields.text_of(str(file))} ({_options(kind, config)})")


def _options(kind: str, config: dict[str, Json]) -> str:
    zipped = (config.get("compression") or "NONE").upper()
    if kind == "PARQUET":
        codec = {"NONE": "uncompressed", "SNAPPY": "snappy", "GZIP": "gzip", "ZSTD": "zstd"}
        return f"format parquet, compression {codec[zipped]}"
    packed = ", compression gzip" if zipped == "GZIP" else ""
    if kind == "CSV":
        header = str(config.get("printHeader", True)).lower()
        delimiter = {"tab": "\t", "\\t": "\t"}.get(config.get("fieldDelimiter") or ",",
                                                   config.get("fieldDelimiter") or ",")  # fmt: skip
        return f"format csv, header {header}, delimiter {fields.text_of(delimiter)}{packed}"
    if kind == "NEWLINE_DELIMITED_JSON":
        return f"format json{packed}"
    raise unsupported(f"extracts as {kind}")


def _write_avro(
    cursor: Any, sql: str, schema: list[fields.Field], file: Path, config: dict[str, Json]
) -> None:
    import fastavro

    codec = {"NONE": "null", "DEFLATE": "deflate"}.get(
        (config.get("compression") or "NONE").upper()
    )
    if codec is None:
        raise unsupported(f"Avro extracts with the compression {config['compression']}")
    kind = {"type": "record", "name": "Root", "fields": [_field(f, "Root") for f in schema]}
    with file.open("wb") as sink:
        fastavro.writer(sink, fastavro.parse_schema(kind), _records(cursor, sql, schema), codec)


def _records(cursor: Any, sql: str, schema: list[fields.Field]) -> Iterator[Json]:
    for batch in cursor.sql(sql).to_arrow_reader(20_000):
        for row in batch.to_pylist():
            yield {f["name"]: _value(f, row[f["name"]]) for f in schema}


def _field(field: fields.Field, home: str) -> Json:
    kind = _kind(field, f"{home}_{field['name']}")
    if field["mode"] == "REPEATED":
        return {"name": field["name"], "type": {"type": "array", "items": kind}}
    return {"name": field["name"], "type": kind if field["mode"] == "REQUIRED" else ["null", kind]}


def _kind(field: fields.Field, name: str) -> Json:
    if field["type"] == "RECORD":
        return {"type": "record", "name": name,
                "fields": [_field(f, name) for f in field["fields"]]}  # fmt: skip
    if field["type"] not in _AVRO:
        raise unsupported(f"Avro extracts of {field['type']}")
    return _AVRO[field["type"]]


def _value(field: fields.Field, value: Json) -> Json:
    if field["mode"] == "REPEATED":
        return [_value({**field, "mode": "NULLABLE"}, one) for one in value or []]
    if field["type"] == "RECORD" and value is not None:
        return {f["name"]: _value(f, value[f["name"]]) for f in field["fields"]}
    if field["type"] == "DATETIME" and isinstance(value, datetime.datetime):
        return value.isoformat()
    return value
