"""`table$20240101`: one partition of a table (Google: "Manage partitioned tables").

A table that is partitioned by a column has the partitions that its rows say. Those of ingestion
time are not here.
"""

from __future__ import annotations

import re
from typing import Any

from emulator.bigquery import catalog, fields
from emulator.bigquery.catalog import Ref
from emulator.bigquery.errors import duplicate, invalid, unsupported

Json = Any
SUMMARY = "__PARTITIONS_SUMMARY__"
"""The "partition" whose rows are the partitions."""
SUMMARY_FIELDS = fields.canonical(
    [{"name": name, "type": "STRING"} for name in ("project_id", "dataset_id", "table_id",
                                                   "partition_id")]
)  # fmt: skip
_FORMS = {"HOUR": "%Y%m%d%H", "DAY": "%Y%m%d", "MONTH": "%Y%m", "YEAR": "%Y"}
_DIGITS = {"HOUR": 10, "DAY": 8, "MONTH": 6, "YEAR": 4}
_SPECIAL = frozenset({"__NULL__", "__UNPARTITIONED__"})


def split(ref: Ref) -> tuple[Ref, str]:
    """The table, and the partition that is named with it or ""."""
    table, _, partition = ref.table.partition("$")
    return Ref(ref.project, ref.dataset, table), partition


def id_sql(table: dict[str, Json]) -> str:
    """The name of the partition of a row; "" for a table that has none."""
    if of := table.get("rangePartitioning"):
        column, span = fields.quoted(of["field"]), of["range"]
        start, step = int(span["start"]), int(span["interval"])
        return (f"case when {column} is null then '__NULL__' when {column} < {start} or {column} "
                f">= {int(span['end'])} then '__UNPARTITIONED__' else cast(({column} - {start}) // "
                f"{step} * {step} + {start} as varchar) end")  # fmt: skip
    of = table.get("timePartitioning") or {}
    if not of.get("field"):
        return ""
    column = f"cast({fields.quoted(of['field'])} as timestamp)"
    return f"coalesce(strftime({column}, '{_FORMS[of['type']]}'), '__NULL__')"


def condition(table: dict[str, Json], partition: str) -> str:
    """True for the rows of that partition."""
    shown = f"{table['id']}${partition}"
    sql = id_sql(table)
    if not sql and table.get("timePartitioning"):
        raise unsupported("partitions of ingestion-time partitioned tables")
    if not sql:
        raise invalid(f"Cannot address {shown}: the table is not partitioned.")
    if not _is_id(table, partition):
        raise invalid(f"Invalid partition ID in {shown}.")
    return f"{sql} = {fields.text_of(partition)}"


def _is_id(table: dict[str, Json], partition: str) -> bool:
    if partition in _SPECIAL:
        return True
    if table.get("rangePartitioning"):
        return re.fullmatch(r"-?\d+", partition) is not None
    digits = _DIGITS[table["timePartitioning"]["type"]]
    return re.fullmatch(rf"\d{{{digits}}}", partition) is not None


def rows_sql(table: dict[str, Json], ref: Ref, partition: str) -> str:
    """All rows of the table or of the partition."""
    where = f" where {condition(table, partition)}" if partition else ""
    return f"select * from {ref.duck}{where}"


def count(cursor: Any, table: dict[str, Json], ref: Ref, partition: str) -> int:
    sql = rows_sql(table, ref, partition)
    return int(cursor.execute(f"select count(*) from ({sql})").fetchall()[0][0])


def names(cursor: Any, table: dict[str, Json], ref: Ref) -> list[str]:
    how = id_sql(table)
    if not how:
        condition(table, SUMMARY)
    found = cursor.execute(f"select distinct {how} as p from {ref.duck} order by p").fetchall()
    return [name for (name,) in found]


def make_room(cursor: Any, ref: Ref, partition: str, write: str) -> None:
    """As `write` (WRITE_…) has it for the rows that are there."""
    table = catalog.get_table(cursor, ref)
    where = condition(table, partition)
    if write == "WRITE_EMPTY" and count(cursor, table, ref, partition):
        raise duplicate("Table", f"{ref.name}${partition}")
    if write in ("WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA"):
        cursor.execute(f"delete from {ref.duck} where {where}")


def need_inside(cursor: Any, ref: Ref, partition: str, before: tuple[int, int]) -> None:
    """Nothing was added outside of the partition; `before`: as `sizes_of` told it."""
    total, inside = sizes_of(cursor, ref, partition)
    if total - before[0] != inside - before[1]:
        raise invalid(f"Some rows belong to different partitions rather than destination "
                      f"partition {ref.table}${partition}")  # fmt: skip


def sizes_of(cursor: Any, ref: Ref, partition: str) -> tuple[int, int]:
    """Rows of the table, and of the partition."""
    table = catalog.get_table(cursor, ref)
    return count(cursor, table, ref, ""), count(cursor, table, ref, partition)
