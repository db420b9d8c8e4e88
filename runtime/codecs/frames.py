"""Tables as Parquet with zstd: pandas, polars, Arrow, GeoPandas.

A pandas frame comes back with the same index and dtypes. What Mage does besides: column
names become strings, repeated ones are refused, and cells that are lists, dicts or a mixture
go as JSON, since Arrow would give each dict every key of all the others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from runtime.codecs import values
from runtime.codecs.encoded import STREAMED, Encoded, as_file
from runtime.libraries import library

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PIECE = 512 << 10
"""Rows that are converted at once of a table whose conversion copies it."""
ROW_GROUP = 1 << 20
"""Rows. Each row group makes its own dictionaries: a table in eighths takes 1.7 times as long."""
ARROW_CELLS = frozenset({"string", "empty", "boolean", "date", "time", "bytes", "decimal"})
"""pandas.api.types.infer_dtype of object columns that Arrow gives back as they were."""


def encode(value: Any) -> Encoded | None:
    """Parquet for a table of any library; None for anything else."""
    for module, kinds in _TABLES.items():
        if (library := sys.modules.get(module)) is None:
            continue
        for name, encoder in kinds.items():
            if isinstance(value, getattr(library, name)):
                return encoder(value)
    return None


def _geo(frame: Any) -> Encoded | None:
    """GeoParquet; without an active geometry it is a table as any other."""
    import pandas

    if (active := frame.active_geometry_name) is None:
        return _pandas(pandas.DataFrame(frame))
    named: Any = _named_by_text(frame)
    frame, meta = _with_json_cells(named.set_geometry(str(active)))

    def write(file: IO[bytes]) -> None:
        frame.to_parquet(file, compression="zstd")

    return Encoded("parquet-geo", "parquet", write, rows=len(frame), meta=meta)


def _pandas(frame: pd.DataFrame) -> Encoded | None:
    frame, sparse = _dense(_named_by_text(frame))
    frame, meta = _with_json_cells(frame)
    meta |= {"sparse": sparse} if sparse else {}
    weight = int(frame.memory_usage(index=True, deep=False).sum())
    write = _writer(frame, weight)
    return write and Encoded("parquet", "parquet", write, rows=len(frame), meta=meta, weight=weight)


def _series(series: pd.Series[Any]) -> Encoded | None:
    name = series.name
    encoded = _pandas(series.to_frame("value"))
    if encoded is not None:
        encoded.meta["series"] = name if isinstance(name, str | int | float) else None
    return encoded


def _named_by_text(frame: pd.DataFrame) -> pd.DataFrame:
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"a table's column names must differ; repeated: {', '.join(twice)}")
    if list(frame.columns) == names and frame.columns.nlevels == 1:
        return frame
    return frame.set_axis(names, axis="columns")


def _dense(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Arrow has no sparse columns, of which Parquet makes next to nothing anyway."""
    kinds = {str(n): kind for n, kind in frame.dtypes.items() if kind.name.startswith("Sparse")}
    within = {name: kind.subtype for name, kind in kinds.items()}
    return frame.astype(within) if within else frame, {n: str(kind) for n, kind in within.items()}


def _with_json_cells(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Object columns that Arrow would change, as JSON text; which ones is kept in `meta`."""
    from pandas.api.types import infer_dtype

    objects = [
        name for name, kind in frame.dtypes.items() if kind.kind == "O" and kind.name == "object"
    ]
    mixed = [name for name in objects if infer_dtype(frame[name], skipna=True) not in ARROW_CELLS]
    texts = [name for name in objects if name not in mixed]
    meta = {"json_cells": mixed} if mixed else {}
    meta |= {"objects": texts} if texts else {}
    if not mixed:
        return frame, meta
    frame = frame.assign(**{str(name): frame[name].map(_json_cell) for name in mixed})
    return frame, meta


def _json_cell(cell: Any) -> str:
    return values.dumps(cell).decode("utf-8", "surrogatepass")


def _writer(frame: pd.DataFrame, weight: int) -> Callable[[IO[bytes]], None] | None:
    """None when Parquet cannot hold the frame (complex numbers, rows without any column …):
    then it is pickled. What is not streamed is converted once, here.
    """
    import pyarrow as pa

    if frame.shape[1] == 0 and len(frame):
        return None
    try:
        if weight <= STREAMED or _converts_in_place(frame):
            table = pa.Table.from_pandas(frame, safe=False)
            return _written(table.schema, lambda: iter((table,)))
        schema = pa.Schema.from_pandas(frame)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return None
    return _written(schema, lambda: _pieces(frame, schema))


def _converts_in_place(frame: pd.DataFrame) -> bool:
    """Arrow shares the memory of numbers, moments and its own texts; Python's objects it copies."""
    kinds = frame.dtypes
    return all(kind.kind != "O" or getattr(kind, "storage", "") == "pyarrow" for kind in kinds)


def _written(
    schema: pa.Schema, tables: Callable[[], Iterator[pa.Table]]
) -> Callable[[IO[bytes]], None]:
    def write(file: IO[bytes]) -> None:
        import pyarrow.parquet as pq

        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for table in tables():
                writer.write_table(table, row_group_size=ROW_GROUP)

    return write


def _pieces(frame: pd.DataFrame, schema: pa.Schema) -> Iterator[pa.Table]:
    """Of a large frame, so that no second copy of it is held."""
    import pyarrow as pa

    for start in range(0, max(len(frame), 1), PIECE):
        piece = frame.iloc[start : start + PIECE]
        table = pa.Table.from_pandas(piece, schema=schema, safe=False)
        yield table.replace_schema_metadata(schema.metadata)


def _decode_pandas(source: bytes | IO[bytes], meta: Mapping[str, Any]) -> Any:
    frame = _restored(_decode_arrow(source, meta).to_pandas(self_destruct=True), meta)
    if "series" in meta:
        return frame["value"].rename(meta["series"])
    return frame


def _restored(frame: Any, meta: Mapping[str, Any]) -> Any:
    """Columns that Parquet holds in another form."""
    for name in meta.get("json_cells", ()):
        frame[name] = _as_objects([values.loads(cell) for cell in frame[name]], frame.index)
    for name in meta.get("objects", ()):
        if frame[name].dtype != object:  # newer pandas reads text as its own string type
            column = frame[name].astype(object)
            frame[name] = column.where(column.notna(), None)
    if sparse := meta.get("sparse"):
        return frame.astype({name: f"Sparse[{kind}]" for name, kind in sparse.items()})
    return frame


def _as_objects(cells: list[Any], index: Any) -> Any:
    """A column of exactly these objects: pandas would guess a dtype, or unpack lists."""
    import numpy
    import pandas

    column = numpy.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        column[place] = cell
    return pandas.Series(column, index=index, dtype=object)


def _decode_arrow(source: bytes | IO[bytes], _meta: Mapping[str, Any]) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = source if hasattr(source, "read") else pa.BufferReader(source)
    with pq.ParquetFile(file) as parquet:
        return parquet.read()


def _arrow(table: pa.Table) -> Encoded:
    def write(file: IO[bytes]) -> None:
        import pyarrow.parquet as pq

        pq.write_table(table, file, compression="zstd", row_group_size=ROW_GROUP)

    return Encoded("parquet-arrow", "parquet", write, rows=table.num_rows, weight=table.nbytes)


def _polars(frame: Any) -> Encoded | None:
    polars = sys.modules["polars"]
    if polars.Object in frame.dtypes:
        return None

    def write(file: IO[bytes]) -> None:
        frame.write_parquet(file, compression="zstd")

    weight = int(frame.estimated_size())
    return Encoded("parquet-polars", "parquet", write, rows=frame.height, weight=weight)


def _polars_series(series: Any) -> Encoded | None:
    encoded = _polars(series.to_frame("value"))
    if encoded is not None:
        encoded.meta["series"] = series.name
    return encoded


def _polars_lazy(frame: Any) -> Encoded | None:
    return _polars(frame.collect())


def _decode_polars(source: bytes | IO[bytes], meta: Mapping[str, Any]) -> Any:
    import polars

    frame = polars.read_parquet(as_file(source))
    return frame["value"].alias(meta["series"]) if "series" in meta else frame


def _decode_geo(source: bytes | IO[bytes], meta: Mapping[str, Any]) -> Any:
    geopandas = library("geopandas", feature="reading a GeoDataFrame")
    return _restored(geopandas.read_parquet(as_file(source)), meta)


_TABLES: dict[str, dict[str, Callable[[Any], Encoded | None]]] = {
    "geopandas": {"GeoDataFrame": _geo},
    "pandas": {"DataFrame": _pandas, "Series": _series},
    "polars": {"DataFrame": _polars, "Series": _polars_series, "LazyFrame": _polars_lazy},
    "pyarrow": {"Table": _arrow},
}

DECODERS: dict[str, Callable[[bytes | IO[bytes], Mapping[str, Any]], Any]] = {
    "parquet": _decode_pandas,
    "parquet-arrow": _decode_arrow,
    "parquet-polars": _decode_polars,
    "parquet-geo": _decode_geo,
}
