"""CREATE, DROP and ALTER (Google: "Data definition language statements")."""

from __future__ import annotations

import uuid
from typing import Any

from emulator.bigquery import altering, catalog, fields
from emulator.bigquery.catalog import Ref
from emulator.bigquery.columns import columns_of
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect import names
from emulator.bigquery.dialect.parse import parse
from emulator.bigquery.dialect.translate import duplicates
from emulator.bigquery.errors import duplicate, invalid, unsupported
from emulator.bigquery.options import properties_of
from emulator.bigquery.reading import described, external_sql, normal, query_sql
from emulator.bigquery.warehouse import get_meta, put_meta

Tree = Any


def run(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    from sqlglot import exp

    kind = str(tree.args.get("kind") or "TABLE").upper()
    if isinstance(tree, exp.Create):
        by_kind = {"TABLE": _create_table, "VIEW": _create_view, "SCHEMA": _create_schema,
                   "FUNCTION": _create_function}  # fmt: skip
    elif isinstance(tree, exp.Drop):
        by_kind = {"TABLE": _drop, "VIEW": _drop, "SCHEMA": _drop_schema}
    else:
        by_kind = {"TABLE": altering.alter}
    if kind not in by_kind:
        raise unsupported(f"the statement {type(tree).__name__.upper()} {kind}")
    if dry and kind != "FUNCTION":
        return Outcome(f"{type(tree).__name__.upper()}_{kind}")
    return by_kind[kind](cursor, context, tree)


def _ref(context: Context, tree: Tree, permission: str) -> Ref:
    from sqlglot import exp

    named = (tree.args.get("tables") or [tree.this])[0]
    table = named.this if isinstance(named, exp.Schema) else named
    ref = names.ref_in(context, table)
    context.allow(permission, f"projects/{ref.project}/datasets/{ref.dataset}")
    return ref


def _temp(cursor: Any, context: Context, tree: Tree) -> Ref | None:
    """Where a TEMP TABLE lies while its script runs: in a dataset that no list shows."""
    if not _is_temporary(tree):
        return None
    table = tree.this.this if type(tree.this).__name__ == "Schema" else tree.this
    if context.home is None:
        context.home = f"_script{uuid.uuid4().hex}"
        given = {"datasetReference": {"datasetId": context.home}}
        catalog.create_dataset(cursor, context.project, given, context.region)
    ref = Ref(context.project, context.home, table.name)
    context.temps[table.name.lower()] = ref
    return ref


def makes_temporary(tree: Tree) -> bool:
    return str(tree.args.get("kind")).upper() == "TABLE" and _is_temporary(tree)


def _is_temporary(tree: Tree) -> bool:
    properties = (tree.args.get("properties") or _NONE).expressions
    return any(type(p).__name__ == "TemporaryProperty" for p in properties)


def _make_room(cursor: Any, tree: Tree, ref: Ref) -> str:
    """What is done with a table of that name: "CREATE", "REPLACE" or "SKIP"."""
    if catalog.find_table(cursor, ref) is None:
        return "CREATE"
    if tree.args.get("replace"):
        catalog.delete_table(cursor, ref)
        return "REPLACE"
    if tree.args.get("exists"):
        return "SKIP"
    raise duplicate("Table", ref.name)


def _create_table(cursor: Any, context: Context, tree: Tree) -> Outcome:
    ref = _temp(cursor, context, tree) or _ref(context, tree, "bigquery.tables.create")
    kind = "CREATE_TABLE_AS_SELECT" if tree.expression is not None else "CREATE_TABLE"
    properties = properties_of(tree)
    external = properties.pop("external", None)
    rows = ""
    given = {**properties, "schema": {"fields": columns_of(tree)}}
    if tree.expression is not None:
        rows, given["schema"] = _rows(cursor, context, tree, given["schema"]["fields"])
    source = tree.args.get("clone") or next(
        (p for p in (tree.args.get("properties") or _NONE).expressions
         if type(p).__name__ == "LikeProperty"), None)  # fmt: skip
    if source is not None:
        other = names.ref_in(context, source.this)
        given = {**catalog.get_table(cursor, other), **properties}
        rows = f"select * from {other.duck}" if tree.args.get("clone") else ""
    if external is not None:
        given["externalDataConfiguration"] = external
        given["schema"] = given["schema"] if given["schema"]["fields"] else {
            "fields": _detected(cursor, context, external)}  # fmt: skip
    operation = _make_room(cursor, tree, ref)
    if operation != "SKIP":
        catalog.create_table(cursor, ref, given, rows)
    return Outcome(kind, target=ref, operation=operation)


class _Nothing:
    expressions: tuple[Tree, ...] = ()


_NONE = _Nothing()


def _detected(cursor: Any, context: Context, external: dict[str, Any]) -> list[fields.Field]:
    return described(cursor, external_sql(context, external))


def _rows(
    cursor: Any, context: Context, tree: Tree, declared: list[fields.Field]
) -> tuple[str, dict[str, Any]]:
    sql = query_sql(cursor, context, tree.expression)
    schema = described(cursor, sql)
    duplicates([field["name"] for field in schema])
    if declared:
        return f"select * from ({sql})", {"fields": declared}
    return f"select * from ({normal(sql, schema)})", {"fields": schema}


def _create_view(cursor: Any, context: Context, tree: Tree) -> Outcome:
    from sqlglot import exp

    ref = _ref(context, tree, "bigquery.tables.create")
    query = tree.expression.sql(dialect="bigquery")
    if isinstance(tree.this, exp.Schema):
        listed = ", ".join(f"`{c.name}`" for c in tree.this.expressions)
        query = f"WITH _view({listed}) AS ({query}) SELECT * FROM _view"
    inner = parse(query)[0]
    schema = described(cursor, query_sql(cursor, context, inner))
    given = {**properties_of(tree), "view": {"query": query, "useLegacySql": False},
             "schema": {"fields": schema}}  # fmt: skip
    operation = _make_room(cursor, tree, ref)
    if operation != "SKIP":
        catalog.create_table(cursor, ref, given)
    return Outcome("CREATE_VIEW", target=ref, operation=operation)


def _create_function(cursor: Any, context: Context, tree: Tree) -> Outcome:
    temporary = _is_temporary(tree)
    properties = (tree.args.get("properties") or _NONE).expressions
    if any(type(p).__name__ == "LanguageProperty" for p in properties):
        raise unsupported("functions in other languages than SQL")
    if not temporary:
        return _keep_function(cursor, context, tree)
    context.functions[tree.this.this.name.lower()] = tree
    return Outcome("CREATE_FUNCTION", operation="CREATE")


def _keep_function(cursor: Any, context: Context, tree: Tree) -> Outcome:
    ref = names.ref_in(context, tree.this.this)
    context.allow("bigquery.routines.create", f"projects/{ref.project}/datasets/{ref.dataset}")
    catalog.get_dataset(cursor, ref.project, ref.dataset)
    live = get_meta(cursor, "routine", ref.name)
    if live and tree.args.get("exists"):
        return Outcome("CREATE_FUNCTION", operation="SKIP")
    if live and not tree.args.get("replace"):
        raise duplicate("Routine", ref.name)
    put_meta(cursor, "routine", ref.name, {"definition": tree.sql(dialect="bigquery")})
    return Outcome("CREATE_FUNCTION", operation="REPLACE" if live else "CREATE")


def _dataset(context: Context, tree: Tree) -> tuple[str, str]:
    table = (tree.args.get("tables") or [tree.this])[0]
    return (table.catalog or context.project), (table.db or table.name)


def _create_schema(cursor: Any, context: Context, tree: Tree) -> Outcome:
    project, dataset = _dataset(context, tree)
    context.allow("bigquery.datasets.create", f"projects/{project}")
    if tree.args.get("exists") and get_meta(cursor, "dataset", f"{project}:{dataset}"):
        return Outcome("CREATE_SCHEMA", operation="SKIP")
    given = {**properties_of(tree), "datasetReference": {"datasetId": dataset}}
    catalog.create_dataset(cursor, project, given, context.region)
    return Outcome("CREATE_SCHEMA", operation="CREATE")


def _drop_schema(cursor: Any, context: Context, tree: Tree) -> Outcome:
    project, dataset = _dataset(context, tree)
    context.allow("bigquery.datasets.delete", f"projects/{project}/datasets/{dataset}")
    if tree.args.get("exists") and not get_meta(cursor, "dataset", f"{project}:{dataset}"):
        return Outcome("DROP_SCHEMA", operation="SKIP")
    catalog.delete_dataset(cursor, project, dataset, bool(tree.args.get("cascade")))
    return Outcome("DROP_SCHEMA", operation="DROP")


def _drop(cursor: Any, context: Context, tree: Tree) -> Outcome:
    ref = _ref(context, tree, "bigquery.tables.delete")
    kind = f"DROP_{tree.args['kind'].upper()}"
    found = catalog.find_table(cursor, ref)
    if found is None and tree.args.get("exists"):
        return Outcome(kind, target=ref, operation="SKIP")
    if found and ("VIEW" in found["type"]) != (kind == "DROP_VIEW"):
        raise invalid(f"{ref.name} is not a {tree.args['kind'].lower()}: it is a {found['type']}")
    catalog.delete_table(cursor, ref)
    return Outcome(kind, target=ref, operation="DROP")
