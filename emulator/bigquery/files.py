"""Files as tables: Parquet, CSV and newline-delimited JSON, for loads and external tables."""

from __future__ import annotations

import atexit
import functools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emulator.bigquery import fields, hive
from emulator.bigquery.avro import avro_schema
from emulator.bigquery.errors import invalid, unsupported
from emulator.bigquery.hive import Found

Json = Any


def reading(found: Sequence[Found], config: Mapping[str, Json], schema: list[fields.Field]) -> str:
    """DuckDB's query over files; its columns are those of `schema`, if there is one."""
    if not config.get("hivePartitioningOptions"):
        return _reading([path for _, path in found], config, schema)
    keys = hive.partition_fields(config, found)
    named = {key["name"].lower() for key in keys}
    inside = [field for field in schema if field["name"].lower() not in named]
    return " union all by name ".join(
        f"select *{columns} from ({_reading(paths, config, inside)})"
        for columns, paths in hive.groups(config, found, keys)
    )


def _reading(paths: Sequence[Path], config: Mapping[str, Json], schema: list[fields.Field]) -> str:
    kind = (config.get("sourceFormat") or "CSV").upper()
    found = "[" + ", ".join(fields.text_of(str(path)) for path in paths) + "]"
    if kind == "PARQUET":
        return _chosen(f"read_parquet({found}, union_by_name = true)", schema)
    if kind == "AVRO":
        return _chosen(f"read_parquet([{', '.join(map(_as_parquet, paths))}])", schema)
    if kind == "CSV":
        return _csv(found, {**config, **(config.get("csvOptions") or {})}, schema)
    if kind == "NEWLINE_DELIMITED_JSON":
        return _json(found, config, schema)
    raise unsupported(f"the format {kind}")


def _as_parquet(path: Path) -> str:
    """Beside the Avro file's place for a moment of its own: what DuckDB reads without help."""
    import fastavro
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        try:
            reader = fastavro.reader(file)
            table = pa.Table.from_pylist(list(reader), schema=avro_schema(reader.writer_schema))
        except (ValueError, EOFError, pa.ArrowException) as error:
            raise invalid(f"Error while reading data, error message: The Apache Avro library "
                          f"failed to parse the file: {error}") from None  # fmt: skip
    made = Path(tempfile.mkstemp(suffix=".parquet", dir=_scratch())[1])
    pq.write_table(table, made)
    return fields.text_of(str(made))


@functools.cache
def _scratch() -> str:
    """A folder that ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="blocklift-avro-")
    atexit.register(folder.cleanup)
    return folder.name


def _chosen(source: str, schema: list[fields.Field]) -> str:
    if not schema:
        return f"select * from {source}"
    columns = ", ".join(
        f"cast({fields.quoted(f['name'])} as {fields.duck_type(f)}) as {fields.quoted(f['name'])}"
        for f in schema
    )
    return f"select {columns} from {source}"


def _csv(found: str, config: Mapping[str, Json], schema: list[fields.Field]) -> str:
    skip = max(int(config.get("skipLeadingRows") or 0), int(bool(config.get("autodetect"))))
    options = {
        "delim": fields.text_of(_delimiter(config.get("fieldDelimiter"))),
        "quote": fields.text_of(config.get("quote", '"')),
        "escape": fields.text_of(config.get("quote", '"')),
        "nullstr": fields.text_of(config.get("nullMarker") or ""),
        "null_padding": str(bool(config.get("allowJaggedRows"))).lower(),
    }
    if int(config.get("maxBadRecords") or 0):
        options |= {"store_rejects": "true"}
    if not schema:
        options |= {"header": "true", "sample_size": "-1"}
        return f"select * from read_csv({found}, {_options(options)})"
    if any(field["type"] == "RECORD" or field["mode"] == "REPEATED" for field in schema):
        raise invalid("Unsupported field type in CSV: RECORD or REPEATED")
    columns = ", ".join(f"{fields.text_of(f['name'])}: {_csv_type(f)}" for f in schema)
    options |= {"header": "false", "skip": str(skip), "auto_detect": "false",
                "columns": "{" + columns + "}"}  # fmt: skip
    return _chosen(f"read_csv({found}, {_options(options)})", schema)


def _csv_type(field: fields.Field) -> str:
    return "'VARCHAR'" if field["type"] in ("BYTES", "JSON") else fields.text_of(
        fields.duck_type({**field, "mode": "NULLABLE"})
    )  # fmt: skip


def _delimiter(given: str | None) -> str:
    return {"tab": "\t", "\\t": "\t", None: ",", "": ","}.get(given, given or ",")


def _options(options: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in options.items())


def _json(found: str, config: Mapping[str, Json], schema: list[fields.Field]) -> str:
    options = {"format": "'newline_delimited'", "maximum_object_size": "104857600"}
    if not schema:
        return f"select * from read_json({found}, {_options({**options, 'sample_size': '-1'})})"
    columns = ", ".join(f"{fields.text_of(f['name'])}: {fields.text_of(_json_type(f))}"
                        for f in schema)  # fmt: skip
    options |= {"columns": "{" + columns + "}"}
    chosen = ", ".join(f"{_json_value(f)} as {fields.quoted(f['name'])}" for f in schema)
    return f"select {chosen} from read_json({found}, {_options(options)})"


def _json_type(field: fields.Field) -> str:
    text = fields.duck_type(field)
    return text.replace("BLOB", "VARCHAR")


def _json_value(field: fields.Field) -> str:
    name = fields.quoted(field["name"])
    if field["type"] == "BYTES" and field["mode"] != "REPEATED":
        return f"from_base64({name})"
    if field["mode"] == "REPEATED":
        return f"coalesce(cast({name} as {fields.duck_type(field)}), [])"
    return f"cast({name} as {fields.duck_type(field)})"
