"""Frames as BigQuery takes them: names, types, and rows that are merged by keys."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from runtime.libraries import library

if TYPE_CHECKING:
    import pandas as pd

_KINDS = {
    "boolean": "BOOL", "bytes": "BYTES", "date": "DATE", "datetime": "TIMESTAMP",
    "datetime64": "TIMESTAMP", "decimal": "NUMERIC", "floating": "FLOAT64", "integer": "INT64",
    "time": "TIME",
}  # fmt: skip


def bigquery() -> Any:
    return library("google.cloud.bigquery", "google-cloud-bigquery", "BigQuery")


def with_clean_names(frame: pd.DataFrame) -> pd.DataFrame:
    """Spaces become underscores; nothing else is changed, and the caller's frame is not."""
    return frame.set_axis([str(c).replace(" ", "_") for c in frame.columns], axis=1)


def fields(frame: pd.DataFrame, table: Any, given: Mapping[str, str] | None) -> list[Any]:
    """Types that the user or the table that is there names; empty leaves it to BigQuery."""
    if given:
        return fields_of(given)
    if table is None:
        return []
    return [field for field in table.schema if field.name in frame.columns]


def fields_of(kinds: Mapping[str, str]) -> list[Any]:
    field = bigquery().SchemaField
    return [field(name.replace(" ", "_"), kind) for name, kind in kinds.items()]


def same_kinds(table: Any, kinds: Mapping[str, str]) -> bool:
    """Whether the columns that a table shares with a file are of the file's types."""
    there = {field.name: (field.field_type, field.mode) for field in table.schema}
    return all(there.get(name, (kind, "")) in _either(kind) for name, kind in kinds.items())


def _either(kind: str) -> tuple[tuple[str, str], ...]:
    return ((kind, ""), (kind, "NULLABLE"))


def fitted(frame: pd.DataFrame, schema: Sequence[Any]) -> pd.DataFrame:
    """Values as columns want them that are there: texts as times, no list as an empty one."""
    import pandas as pd

    changed: dict[str, Any] = {}
    for field in schema:
        column = frame.get(field.name)
        if column is None:
            continue
        if field.field_type == "TIMESTAMP" and column.dtype.kind != "M":
            changed[field.name] = pd.to_datetime(column, utc=True)
        elif field.mode == "REPEATED":
            values = [[] if value is None else value for value in column]
            changed[field.name] = pd.Series(values, index=frame.index, dtype=object)
    return frame.assign(**changed) if changed else frame


def load_job(client: Any, frame: pd.DataFrame, name: str, **given: Any) -> Any:
    """Sends the frame as Parquet."""
    with _as_long_as_it_lasts():
        return client.load_table_from_dataframe(frame, name, **given)


OWN = {"dbdate", "dbtime"}
"""Kinds of columns that only that library knows."""


def frame_of(rows: Any) -> pd.DataFrame:
    """With the library for BigQuery's own types where it is installed. Dates and times are
    Python's own: the blocks below need not have that library.
    """
    if find_spec("db_dtypes") is None:
        untyped: pd.DataFrame = rows.to_arrow(create_bqstorage_client=False).to_pandas()
        return untyped
    with _as_long_as_it_lasts():
        frame: pd.DataFrame = rows.to_dataframe(create_bqstorage_client=False)
    nothing: Any = None
    for name in frame.columns[[str(kind) in OWN for kind in frame.dtypes]]:
        values = frame[name].astype(object)
        frame[name] = values.where(values.notna(), nothing)
    return frame


@contextmanager
def _as_long_as_it_lasts() -> Iterator[None]:
    """Google announces that frames will one day move from its client to pandas-gbq."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        yield


def new_fields(frame: pd.DataFrame, table: Any) -> list[Any]:
    """Of the columns that the table lacks."""
    from pandas.api.types import infer_dtype

    field, known = bigquery().SchemaField, {field.name for field in table.schema}
    return [
        field(str(c), _KINDS.get(infer_dtype(frame[c], skipna=True), "STRING"))
        for c in frame.columns
        if c not in known
    ]


def merge_statement(
    name: str, staged: str, columns: Sequence[str], keys: Sequence[str], method: str | None
) -> str:
    """Rows are the same when all keys are, or are missing on both sides."""
    same = " AND ".join(
        f"(a.{key} = b.{key} OR (a.{key} IS NULL AND b.{key} IS NULL))" for key in keys
    )
    updates = ", ".join(f"{c} = b.{c}" for c in columns)
    matched = f"WHEN MATCHED THEN UPDATE SET {updates}\n" if method == "UPDATE" else ""
    listed = ", ".join(columns)
    values = ", ".join(f"b.{c}" for c in columns)
    return (
        f"MERGE INTO `{name}` AS a USING `{staged}` AS b ON {same}\n{matched}"
        f"WHEN NOT MATCHED THEN INSERT ({listed}) VALUES ({values})"
    )
