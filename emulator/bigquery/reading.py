"""What stands for a named table inside a query: a table, a view's query, files, catalogs."""

from __future__ import annotations

from functools import partial
from typing import Any

from emulator.bigquery import catalog, fields, information
from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context
from emulator.bigquery.dialect import names
from emulator.bigquery.dialect.parse import parse
from emulator.bigquery.dialect.translate import to_duck
from emulator.bigquery.errors import invalid, not_found, unsupported
from emulator.bigquery.files import reading
from emulator.bigquery.parameters import put_in
from emulator.bigquery.script.variables import put_variables
from emulator.bigquery.warehouse import get_meta

Tree = Any
DEEPEST = 16
"""Google: "Quotas and limits", nested views."""


def query_sql(cursor: Any, context: Context, tree: Tree) -> str:
    """A query's tree → DuckDB's SQL, every table put in its place."""
    put_in(tree, context.values)
    put_routines(cursor, tree, context)
    put_functions(tree, context)
    need_filter(cursor, context, tree)
    if context.variables:
        put_variables(cursor, context, tree)
    for table in names.tables_of(tree):
        found = names.located(context.source, table, partial(table_sql, cursor, context, table))
        changed = table is tree.this and type(tree).__name__ in ("Update", "Delete", "Merge")
        names.replace(table, names.ref_in(context, table).duck if changed else found)
    return to_duck(tree, context.source)


def put_routines(cursor: Any, tree: Tree, context: Context) -> None:
    """`dataset.function(…)`: a function that CREATE FUNCTION has left."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Dot)):
        if not isinstance(node.expression, exp.Anonymous):
            continue
        parts = [p.name for p in node.this.find_all(exp.Identifier)]
        name = f"{context.project}:{parts[-1]}.{node.expression.name}" if parts else ""
        if found := get_meta(cursor, "routine", name):
            made = parse(found["definition"])[0]
            context.functions[name.lower()] = made
            node.replace(exp.Anonymous(this=name, expressions=node.expression.expressions))


def put_functions(tree: Tree, context: Context) -> None:
    """Calls of temporary SQL functions become their bodies."""
    from sqlglot import exp

    for node in reversed(list(tree.find_all(exp.Anonymous))):
        made = context.functions.get(node.name.lower())
        if made is None:
            continue
        body = exp.paren(made.expression.copy())
        given = {p.name.lower(): (p.args.get("kind"), a)
                 for p, a in zip(made.this.expressions, node.expressions, strict=True)}  # fmt: skip
        for column in list(body.find_all(exp.Column)):
            if not column.table and column.name.lower() in given:
                kind, value = given[column.name.lower()]
                if kind is not None and "ANY" in kind.sql(dialect="bigquery").upper():
                    kind = None
                column.replace(exp.cast(value.copy(), kind) if kind else exp.paren(value.copy()))
        node.replace(body)


def table_sql(cursor: Any, context: Context, table: Tree) -> str:
    parts = ".".join(part.name for part in table.parts)
    if config := context.externals.get(parts):
        return external_sql(context, config)
    if names.SCHEMA_VIEWS in parts.upper():
        return information.view_sql(cursor, context, parts)
    ref = names.ref_in(context, table)
    if ref.table.endswith("*"):
        return _wildcard(cursor, context, ref)
    return ref_sql(cursor, context, ref)


def ref_sql(cursor: Any, context: Context, ref: Ref) -> str:
    context.referenced.append(ref)
    found = catalog.find_table(cursor, ref)
    context.allow("bigquery.tables.getData", ref.resource)
    if found is None:
        catalog.get_dataset(cursor, ref.project, ref.dataset)
        raise not_found("Table", ref.name)
    if found["type"] == "TABLE":
        return _rows_sql(ref, found)
    if found["type"] == "EXTERNAL":
        return _external(context, found)
    return f"({_view(cursor, context, ref, found)})"


def _rows_sql(ref: Ref, table: dict[str, Any]) -> str:
    """A NULL array is an empty one (Google: "Arrays")."""
    arrays = [fields.quoted(f["name"]) for f in table["schema"]["fields"]
              if f["mode"] == "REPEATED"]  # fmt: skip
    if not arrays:
        return ref.duck
    replaced = ", ".join(f"coalesce({name}, []) as {name}" for name in arrays)
    return f"(select * replace ({replaced}) from {ref.duck})"


def need_filter(cursor: Any, context: Context, tree: Tree) -> None:
    """`require_partition_filter` (Google: "Query partitioned tables")."""
    from sqlglot import exp

    for table in names.tables_of(tree):
        if names.SCHEMA_VIEWS in ".".join(p.name for p in table.parts).upper():
            continue
        if table.name.endswith("*") or table.name in context.externals:
            continue
        found = catalog.find_table(cursor, names.ref_in(context, table)) or {}
        how = found.get("timePartitioning") or {}
        if not (found.get("requirePartitionFilter") or how.get("requirePartitionFilter")):
            continue
        column = how.get("field") or (found.get("rangePartitioning") or {}).get("field") or ""
        named = {c.name.lower() for w in tree.find_all(exp.Where) for c in w.find_all(exp.Column)}
        if column.lower() not in named:
            shown = f"{table.db}.{table.name}"
            raise invalid(f"Cannot query over table '{shown}' without a filter over column(s) "
                          f"'{column}' that can be used for partition elimination")  # fmt: skip


def _external(context: Context, table: dict[str, Any]) -> str:
    return external_sql(context, table["externalDataConfiguration"], table["schema"]["fields"])


def external_sql(
    context: Context, config: dict[str, Any], schema: list[fields.Field] | None = None
) -> str:
    found = [one for uri in config.get("sourceUris") or [] for one in context.files(uri)]
    if not found:
        raise invalid(f"Not found: Uris {', '.join(config.get('sourceUris') or [])}")
    declared = fields.canonical((config.get("schema") or {}).get("fields") or [])
    return f"({reading(found, config, schema or declared)})"


def _view(cursor: Any, context: Context, ref: Ref, table: dict[str, Any]) -> str:
    if context.depth >= DEEPEST:
        raise invalid("The query has too many nested views or references itself.")
    query = (table.get("view") or table["materializedView"])["query"]
    inner = Context(query, ref.project, None, context.region, context.files,
                    lambda *_: None, depth=context.depth + 1)  # fmt: skip
    trees = parse(query)
    return query_sql(cursor, inner, trees[0])


def _wildcard(cursor: Any, context: Context, ref: Ref) -> str:
    prefix = ref.table[:-1]
    found = [
        Ref.of(t["tableReference"])
        for t in catalog.list_tables(cursor, ref.project, ref.dataset)
        if t["type"] == "TABLE" and t["tableReference"]["tableId"].startswith(prefix)
    ]
    if not found:
        raise invalid(f"{ref.name} does not match any table.")
    parts = [
        f"select *, {fields.text_of(one.table[len(prefix) :])} as _TABLE_SUFFIX"
        f" from {ref_sql(cursor, context, one)}"
        for one in found
    ]
    return f"({' union all by name '.join(parts)})"


def described(cursor: Any, sql: str) -> list[fields.Field]:
    """The schema of a query's result."""
    relation = cursor.sql(sql)
    if relation is None:
        raise unsupported("statements without a result here")
    return [fields.of_duck(n, t) for n, t in zip(relation.columns, relation.types, strict=True)]


def normal(sql: str, schema: list[fields.Field]) -> str:
    """Every column in the type in which tables keep it: sums are wider while they are made."""
    columns = ", ".join(
        f"cast(#{at} as {fields.duck_type(field)}) as {fields.quoted(field['name'])}"
        for at, field in enumerate(schema, 1)
    )
    return f"select {columns} from ({sql})"
