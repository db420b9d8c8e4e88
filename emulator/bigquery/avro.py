"""Avro's schemas → Arrow's (Google: "Loading Avro data from Cloud Storage", Avro conversions)."""

from __future__ import annotations

from typing import Any

from emulator.bigquery.errors import unsupported

Json = Any


def avro_schema(schema: Json) -> Any:
    import pyarrow as pa

    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise unsupported("Avro files whose rows are not records")
    return pa.schema([pa.field(f["name"], _kind(f["type"])) for f in schema["fields"]])


def _kind(kind: Json) -> Any:
    import pyarrow as pa

    if isinstance(kind, list):
        some = [one for one in kind if one != "null"]
        if len(some) != 1:
            raise unsupported("Avro unions of several types")
        return _kind(some[0])
    if isinstance(kind, str):
        return _plain(kind)
    if kind["type"] == "record":
        return pa.struct([pa.field(f["name"], _kind(f["type"])) for f in kind["fields"]])
    if kind["type"] == "array":
        return pa.list_(_kind(kind["items"]))
    return _logical(kind)


def _plain(name: str) -> Any:
    import pyarrow as pa

    made = {"long": pa.int64(), "int": pa.int64(), "double": pa.float64(), "float": pa.float64(),
            "boolean": pa.bool_(), "string": pa.string(), "bytes": pa.binary()}  # fmt: skip
    if name not in made:
        raise unsupported(f"the Avro type {name}")
    return made[name]


def _logical(kind: dict[str, Json]) -> Any:
    import pyarrow as pa

    logical = kind.get("logicalType", "")
    if logical == "decimal":
        return pa.decimal128(38, int(kind.get("scale") or 0))
    made = {"date": pa.date32(), "time-micros": pa.time64("us"), "time-millis": pa.time64("us"),
            "timestamp-micros": pa.timestamp("us", "UTC"),
            "timestamp-millis": pa.timestamp("us", "UTC")}  # fmt: skip
    if kind["type"] == "enum":
        return pa.string()
    if kind["type"] not in ("int", "long", "string", "bytes", "boolean", "double", "float"):
        raise unsupported(f"the Avro type {kind['type']}")
    return made.get(logical) or _plain(kind["type"])
