"""INFORMATION_SCHEMA: the catalog as tables (Google: "Introduction to INFORMATION_SCHEMA")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.bigquery import catalog, partitions
from emulator.bigquery.context import Context
from emulator.bigquery.errors import invalid, unsupported
from emulator.bigquery.fields import Field, text_of

STANDARD = {
    "INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL",
}  # fmt: skip
TABLES = ("table_catalog", "table_schema", "table_name", "table_type", "is_insertable_into",
          "creation_time")  # fmt: skip
COLUMNS = ("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position",
           "is_nullable", "data_type", "is_partitioning_column",
           "clustering_ordinal_position")  # fmt: skip
OPTIONS = ("table_catalog", "table_schema", "table_name", "option_name", "option_type",
           "option_value")  # fmt: skip
PARTITIONS = ("table_catalog", "table_schema", "table_name", "partition_id", "total_rows")
SCHEMATA = ("catalog_name", "schema_name", "location", "creation_time")
VIEWS = ("table_catalog", "table_schema", "table_name", "view_definition")
_KINDS = {"TABLE": "BASE TABLE", "EXTERNAL": "EXTERNAL", "VIEW": "VIEW",
          "MATERIALIZED_VIEW": "MATERIALIZED VIEW"}  # fmt: skip


def view_sql(cursor: Any, context: Context, name: str) -> str:
    """`[project.][dataset.]INFORMATION_SCHEMA.<view>`."""
    at = name.upper().index("INFORMATION_SCHEMA.")
    view = name[at:].split(".")[1].upper()
    before = [part for part in name[:at].split(".") if part]
    if view == "SCHEMATA":
        return _schemata(cursor, before[0] if before else context.project)
    if view not in ("TABLES", "COLUMNS", "VIEWS", "TABLE_OPTIONS", "PARTITIONS"):
        raise unsupported(f"INFORMATION_SCHEMA.{view}")
    if not before and context.default is None:
        raise invalid(f'Table "{name}" must be qualified with a dataset (e.g. dataset.table).')
    project, dataset = _home(context, before)
    tables = catalog.list_tables(cursor, project, dataset)
    if view == "PARTITIONS":
        return _partitions(cursor, tables)
    by_view = {"TABLE_OPTIONS": _options, "TABLES": _tables, "COLUMNS": _columns, "VIEWS": _views}
    return by_view[view](tables)


def _home(context: Context, before: list[str]) -> tuple[str, str]:
    if not before:
        assert context.default
        return context.default
    return (context.project, before[0]) if len(before) == 1 else (before[0], before[1])


def _rows(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    columns = ", ".join(names)
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    if not values:
        nothing = ", ".join(f"null as {name}" for name in names)
        return f"(select * from (select {nothing}) where false)"
    return f"(select * from (values {values}) as t({columns}))"


def _where(table: dict[str, Any]) -> tuple[str, str, str]:
    ref = table["tableReference"]
    return text_of(ref["projectId"]), text_of(ref["datasetId"]), text_of(ref["tableId"])


def _created(table: dict[str, Any]) -> str:
    return f"make_timestamptz({int(table['creationTime']) * 1000})"


def _tables(tables: list[dict[str, Any]]) -> str:
    return _rows(TABLES, [
        (*_where(t), text_of(_KINDS[t["type"]]),
         "'YES'" if t["type"] == "TABLE" else "'NO'", _created(t))
        for t in tables
    ])  # fmt: skip


def _views(tables: list[dict[str, Any]]) -> str:
    return _rows(
        VIEWS, [(*_where(t), text_of(t["view"]["query"])) for t in tables if t.get("view")]
    )


def _columns(tables: list[dict[str, Any]]) -> str:
    rows = []
    for table in tables:
        partition = (table.get("timePartitioning") or {}).get("field")
        clusters = (table.get("clustering") or {}).get("fields") or []
        for place, field in enumerate(table["schema"]["fields"], 1):
            name = field["name"]
            at = str(clusters.index(name) + 1) if name in clusters else "cast(null as bigint)"
            rows.append((
                *_where(table), text_of(name), f"{place}::bigint",
                "'NO'" if field["mode"] == "REQUIRED" else "'YES'", text_of(type_text(field)),
                "'YES'" if name == partition else "'NO'", at,
            ))  # fmt: skip
    return _rows(COLUMNS, rows)


def _options(tables: list[dict[str, Any]]) -> str:
    shown = {"description": "description", "friendlyName": "friendly_name"}
    return _rows(OPTIONS, [
        (*_where(t), text_of(name), "'STRING'", text_of(f'"{t[key]}"'))
        for t in tables for key, name in shown.items() if t.get(key)
    ])  # fmt: skip


def _partitions(cursor: Any, tables: list[dict[str, Any]]) -> str:
    rows = [
        (*_where(table), text_of(str(name)), f"{count}::bigint")
        for table in tables
        if table["type"] == "TABLE" and (how := partitions.id_sql(table))
        for name, count in cursor.execute(
            f"select {how}, count(*) from {catalog.Ref.of(table['tableReference']).duck} group by 1"
        ).fetchall()
    ]
    return _rows(PARTITIONS, rows)


def _schemata(cursor: Any, project: str) -> str:
    return _rows(SCHEMATA, [
        (text_of(project), text_of(d["datasetReference"]["datasetId"]), text_of(d["location"]),
         _created(d))
        for d in catalog.list_datasets(cursor, project)
    ])  # fmt: skip


def type_text(field: Field) -> str:
    """GoogleSQL's name of a field's type."""
    kind: str = STANDARD.get(field["type"], field["type"]) or ""
    if kind == "RECORD":
        inside = ", ".join(f"{f['name']} {type_text(f)}" for f in field["fields"])
        kind = f"STRUCT<{inside}>"
    return f"ARRAY<{kind}>" if field["mode"] == "REPEATED" else kind
