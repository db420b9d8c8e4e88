"""A query's result as a frame: through Arrow where its types come out as usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runtime.pg.sessions import translated

if TYPE_CHECKING:
    import pandas as pd

_USUAL = frozenset(
    ("int2", "int4", "int8", "float4", "float8", "bool", "text", "varchar", "bpchar", "name",
     "date", "timestamp", "timestamptz", "numeric", "unknown")
)  # fmt: skip


def frame_by_arrow(connection: Any, query: str) -> pd.DataFrame | None:
    """None when some column (json, arrays, intervals …) should come as Python objects."""
    with translated(), connection.cursor() as cursor:
        schema = cursor.adbc_execute_schema(query)
        if any(_type_name(field) not in _USUAL for field in schema):
            return None
        cursor.execute(query)
        table = cursor.fetch_arrow_table()
    return _to_frame(table)


def _type_name(field: Any) -> str:
    name: bytes = (field.metadata or {}).get(b"POSTGRESQL:type", b"")
    return name.decode()


def _to_frame(table: Any) -> pd.DataFrame:
    """Numerics become floats, as pandas.read_sql makes them."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if _type_name(field) == "numeric":
            chunks = [getattr(chunk, "storage", chunk) for chunk in table.column(place).chunks]
            numbers = pa.chunked_array(chunks, pa.string()).cast(pa.float64())
            table = table.set_column(place, field.name, numbers)
    frame: pd.DataFrame = table.to_pandas()
    return frame
