"""Types of new tables in databases other than Postgres.

Mage gives floats a DECIMAL without scale, which loses the fraction in MySQL and digits in
DuckDB; here they are DOUBLE. Its MySQL tables also cut times to seconds between 1970 and
2038, bytes to 255, and keep booleans as text; here DATETIME(6), LONGBLOB and BOOLEAN do not.
"""

from __future__ import annotations

from collections.abc import Mapping

_COMMON = {
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "datetime64": "TIMESTAMP",
    "decimal": "DOUBLE",
    "floating": "DOUBLE",
    "integer": "BIGINT",
    "int64": "BIGINT",
    "mixed-integer-float": "DOUBLE",
    "period": "BIGINT",
    "time": "TIME",
    "timedelta": "BIGINT",
    "timedelta64": "BIGINT",
}
MYSQL = _COMMON | {
    "boolean": "BOOLEAN",
    "bytes": "LONGBLOB",
    "datetime": "DATETIME(6)",
    "datetime64": "DATETIME(6)",
    "empty": "CHAR(255)",
    "time": "TIME(6)",
}
DUCKDB = _COMMON | {"boolean": "BOOLEAN", "bytes": "BLOB", "empty": "VARCHAR"}
MSSQL = _COMMON | {
    "boolean": "BIT",
    "bytes": "VARBINARY(MAX)",
    "datetime": "DATETIME2",
    "datetime64": "DATETIME2",
    "decimal": "FLOAT",
    "floating": "FLOAT",
    "mixed-integer-float": "FLOAT",
    "empty": "VARCHAR(MAX)",
}
REDSHIFT = _COMMON | {
    "boolean": "BOOLEAN",
    "bytes": "VARBYTE",
    "decimal": "DOUBLE PRECISION",
    "floating": "DOUBLE PRECISION",
    "mixed-integer-float": "DOUBLE PRECISION",
}
SNOWFLAKE = _COMMON | {"boolean": "BOOLEAN", "bytes": "BINARY", "mixed": "VARIANT"}
CLICKHOUSE = {
    "boolean": "Bool",
    "date": "Date32",
    "datetime": "DateTime64(6)",
    "datetime64": "DateTime64(6)",
    "decimal": "Float64",
    "floating": "Float64",
    "integer": "Int64",
    "int64": "Int64",
    "mixed-integer-float": "Float64",
    "timedelta": "Int64",
    "timedelta64": "Int64",
}
TRINO = _COMMON | {"boolean": "BOOLEAN", "bytes": "VARBINARY"}


def type_for(kinds: Mapping[str, str], kind: str, text: str) -> str:
    """`text` is the type of everything that has no entry."""
    return kinds.get(kind, text)
