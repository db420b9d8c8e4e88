"""Schemas: BigQuery's fields, DuckDB's types, and the way between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.bigquery.errors import BigQueryError, invalid, unsupported

Field = dict[str, Any]
STANDARD = {
    "INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD",
    "INT": "INTEGER", "SMALLINT": "INTEGER", "BIGINT": "INTEGER", "TINYINT": "INTEGER",
    "BYTEINT": "INTEGER", "DECIMAL": "NUMERIC", "BIGDECIMAL": "BIGNUMERIC",
}  # fmt: skip
DUCK = {
    "INTEGER": "BIGINT", "FLOAT": "DOUBLE", "BOOLEAN": "BOOLEAN", "STRING": "VARCHAR",
    "BYTES": "BLOB", "DATE": "DATE", "TIME": "TIME", "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE", "NUMERIC": "DECIMAL(38,9)",
    "BIGNUMERIC": "DECIMAL(38,18)", "JSON": "JSON", "INTERVAL": "INTERVAL",
}  # fmt: skip
"""BIGNUMERIC holds 20 digits before the point here; more is an overflow error, never another
number."""
_OF_DUCK = {
    "bigint": "INTEGER", "integer": "INTEGER", "smallint": "INTEGER", "tinyint": "INTEGER",
    "hugeint": "INTEGER", "ubigint": "INTEGER", "uinteger": "INTEGER", "utinyint": "INTEGER",
    "usmallint": "INTEGER", "uhugeint": "INTEGER", "bignum": "INTEGER",
    "double": "FLOAT", "float": "FLOAT", "boolean": "BOOLEAN", "varchar": "STRING",
    "blob": "BYTES", "date": "DATE", "time": "TIME", "timestamp": "DATETIME",
    "timestamp_s": "DATETIME", "timestamp_ms": "DATETIME", "timestamp_ns": "DATETIME",
    "timestamp with time zone": "TIMESTAMP", "interval": "INTERVAL", "null": "INTEGER",
    "enum": "STRING", "uuid": "STRING", "integer_literal": "INTEGER", "string_literal": "STRING",
}  # fmt: skip


def canonical(fields: Iterable[Field]) -> list[Field]:
    """As Google answers them: legacy type names, a mode always there."""
    return [_canonical(field) for field in fields]


def _canonical(field: Field) -> Field:
    kind = str(field.get("type", "")).upper()
    kind = STANDARD.get(kind, kind)
    if not field.get("name"):
        raise invalid("Schema field must have a name.")
    if kind != "RECORD" and kind not in DUCK:
        if kind in ("GEOGRAPHY", "RANGE"):
            raise unsupported(f"columns of type {kind}")
        raise BigQueryError("invalid", f"Invalid value for type: {kind} is not a valid value")
    made = {**field, "type": kind, "mode": (field.get("mode") or "NULLABLE").upper()}
    if kind == "RECORD":
        made["fields"] = canonical(field.get("fields") or [])
    return made


def duck_type(field: Field) -> str:
    kind = field["type"]
    if kind == "RECORD":
        inner = ", ".join(f"{quoted(f['name'])} {duck_type(f)}" for f in field["fields"])
        made = f"STRUCT({inner})"
    elif kind in ("NUMERIC", "BIGNUMERIC") and field.get("precision"):
        made = f"DECIMAL({min(int(field['precision']), 38)}, {int(field.get('scale') or 0)})"
    else:
        made = DUCK[kind]
    return f"{made}[]" if field.get("mode") == "REPEATED" else made


def column(field: Field) -> str:
    """One column of CREATE TABLE."""
    required = " NOT NULL" if field.get("mode") == "REQUIRED" else ""
    if field.get("maxLength") and field.get("mode") != "REPEATED":
        size = "length" if field["type"] == "STRING" else "octet_length"
        required += f" CHECK ({size}({quoted(field['name'])}) <= {int(field['maxLength'])})"
    if field.get("defaultValueExpression"):
        required += f" DEFAULT {_default(field['defaultValueExpression'])}"
    return f"{quoted(field['name'])} {duck_type(field)}{required}"


def _default(expression: str) -> str:
    """A literal or a function of the time, in DuckDB's SQL."""
    from sqlglot import parse_one

    return str(parse_one(expression, read="bigquery").sql(dialect="duckdb"))


def of_duck(name: str, kind: Any) -> Field:
    """The field that a column of a DuckDB result is."""
    text, ident = str(kind), kind.id
    if ident in ("list", "array"):
        inner = of_duck(name, kind.children[0][1])
        if inner["mode"] == "REPEATED":
            raise invalid("Cannot construct array with element type ARRAY because nested arrays "
                          "are not supported")  # fmt: skip
        return {**inner, "mode": "REPEATED"}
    if ident == "struct":
        inside = [of_duck(child, inner) for child, inner in kind.children]
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": inside}
    if text == "JSON":
        return {"name": name, "type": "JSON", "mode": "NULLABLE"}
    if ident == "decimal":
        scale = dict(kind.children)["scale"]
        return {"name": name, "type": "BIGNUMERIC" if scale > 9 else "NUMERIC", "mode": "NULLABLE"}
    if ident not in _OF_DUCK:
        raise unsupported(f"values of DuckDB's type {text}")
    return {"name": name, "type": _OF_DUCK[ident], "mode": "NULLABLE"}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text_of(value: str) -> str:
    """A SQL string."""
    return "'" + value.replace("'", "''") + "'"
