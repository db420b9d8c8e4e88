"""CREATE, DROP and ALTER (Google: "Data definition language statements")."""

from __future__ import annotations

from typing import Any

from emulator.bigquery import catalog, fields
from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect import names
from emulator.bigquery.dialect.translate import duplicates
from emulator.bigquery.errors import duplicate, invalid, unsupported
from emulator.bigquery.options import properties_of
from emulator.bigquery.reading import described, normal, query_sql

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
        by_kind = {"TABLE": _alter}
    if kind not in by_kind:
        raise unsupported(f"the statement {type(tree).__name__.upper()} {kind}")
    if dry and kind != "FUNCTION":
        return Outcome(f"{type(tree).__name__.upper()}_{kind}")
    return by_kind[kind](cursor, context, tree)


def _ref(context: Context, tree: Tree, permission: str) -> Ref:
    from sqlglot import exp

    named = (tree.args.get("tables") or [tree.this])[0]
    table = named.this if isinstance(named, exp.Schema) else named
    ref = names.ref_of(table, context.project, context.default)
    context.allow(permission, f"projects/{ref.project}/datasets/{ref.dataset}")
    return ref


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
    ref = _ref(context, tree, "bigquery.tables.create")
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
        other = names.ref_of(source.this, context.project, context.default)
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
    from emulator.bigquery.files import reading

    paths = [p for uri in external["sourceUris"] for p in context.files(uri)]
    return described(cursor, reading(paths, external, []))


def _rows(
    cursor: Any, context: Context, tree: Tree, declared: list[fields.Field]
) -> tuple[str, dict[str, Any]]:
    sql = query_sql(cursor, context, tree.expression)
    schema = described(cursor, sql)
    duplicates([field["name"] for field in schema])
    if declared:
        return f"select * from ({sql})", {"fields": declared}
    return f"select * from ({normal(sql, schema)})", {"fields": schema}


def columns_of(tree: Tree) -> list[fields.Field]:
    from sqlglot import exp

    if not isinstance(tree.this, exp.Schema):
        return []
    return [field_of(c) for c in tree.this.expressions if isinstance(c, exp.ColumnDef)]


def field_of(column: Tree) -> fields.Field:
    from sqlglot import exp

    made = typed(column.name, column.args["kind"])
    for constraint in column.args.get("constraints") or []:
        kind = constraint.kind
        if isinstance(kind, exp.NotNullColumnConstraint):
            made["mode"] = "REQUIRED"
        elif isinstance(kind, exp.Properties):
            made |= {p.this.name.lower(): p.args["value"].name for p in kind.expressions
                     if p.this.name.lower() == "description"}  # fmt: skip
        else:
            raise unsupported(f"the column constraint {kind.sql(dialect='bigquery')}")
    return made


def typed(name: str, kind: Tree) -> fields.Field:
    """A GoogleSQL type as a field."""
    from sqlglot import exp

    if kind.this == exp.DType.ARRAY:
        return {**typed(name, kind.expressions[0]), "mode": "REPEATED"}
    if kind.this == exp.DType.STRUCT:
        inside = [field_of(inner) for inner in kind.expressions]
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": inside}
    text = kind.sql(dialect="bigquery").split("(")[0].upper()
    return fields.canonical([{"name": name, "type": text}])[0]


def _create_view(cursor: Any, context: Context, tree: Tree) -> Outcome:
    ref = _ref(context, tree, "bigquery.tables.create")
    query = tree.expression.sql(dialect="bigquery")
    names_given = [c.name for c in getattr(tree.this, "expressions", ()) if c.name]
    if names_given:
        raise unsupported("CREATE VIEW with a list of columns")
    schema = described(cursor, query_sql(cursor, context, tree.expression))
    given = {**properties_of(tree), "view": {"query": query, "useLegacySql": False},
             "schema": {"fields": schema}}  # fmt: skip
    operation = _make_room(cursor, tree, ref)
    if operation != "SKIP":
        catalog.create_table(cursor, ref, given)
    return Outcome("CREATE_VIEW", target=ref, operation=operation)


def _create_function(cursor: Any, context: Context, tree: Tree) -> Outcome:
    temporary = any(type(p).__name__ == "TemporaryProperty"
                    for p in (tree.args.get("properties") or _NONE).expressions)  # fmt: skip
    if not temporary:
        raise unsupported("persistent functions (CREATE TEMP FUNCTION works)")
    if any(type(p).__name__ == "LanguageProperty" for p in tree.args["properties"].expressions):
        raise unsupported("functions in other languages than SQL")
    context.functions[tree.this.this.name.lower()] = tree
    return Outcome("CREATE_FUNCTION", operation="CREATE")


def _dataset(context: Context, tree: Tree) -> tuple[str, str]:
    table = (tree.args.get("tables") or [tree.this])[0]
    return (table.catalog or context.project), (table.db or table.name)


def _create_schema(cursor: Any, context: Context, tree: Tree) -> Outcome:
    from emulator.bigquery.warehouse import get_meta

    project, dataset = _dataset(context, tree)
    context.allow("bigquery.datasets.create", f"projects/{project}")
    if tree.args.get("exists") and get_meta(cursor, "dataset", f"{project}:{dataset}"):
        return Outcome("CREATE_SCHEMA", operation="SKIP")
    given = {**properties_of(tree), "datasetReference": {"datasetId": dataset}}
    catalog.create_dataset(cursor, project, given, context.region)
    return Outcome("CREATE_SCHEMA", operation="CREATE")


def _drop_schema(cursor: Any, context: Context, tree: Tree) -> Outcome:
    from emulator.bigquery.warehouse import get_meta

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


def _alter(cursor: Any, context: Context, tree: Tree) -> Outcome:
    from sqlglot import exp

    ref = _ref(context, tree, "bigquery.tables.update")
    table = catalog.get_table(cursor, ref)
    schema = [*table["schema"]["fields"]]
    for action in tree.args["actions"]:
        if isinstance(action, exp.ColumnDef):
            _add(cursor, ref, schema, action)
        elif isinstance(action, exp.Drop) and action.args.get("kind") == "COLUMN":
            name = action.this.name
            cursor.execute(f"alter table {ref.duck} drop column {fields.quoted(name)}")
            schema = [f for f in schema if f["name"].lower() != name.lower()]
        elif isinstance(action, exp.AlterSet):
            table |= properties_of(action)
        else:
            raise unsupported(f"ALTER TABLE … {type(action).__name__}")
    catalog.keep_table(cursor, ref, {**table, "schema": {"fields": schema}})
    return Outcome("ALTER_TABLE", target=ref, operation="ALTER")


def _add(cursor: Any, ref: Ref, schema: list[fields.Field], action: Tree) -> None:
    field = field_of(action)
    if any(f["name"].lower() == field["name"].lower() for f in schema):
        if action.args.get("exists"):
            return
        raise invalid(f"Column already exists: {field['name']}")
    catalog.add_column(cursor, ref, field)
    schema.append(field)
