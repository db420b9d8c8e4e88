"""ALTER TABLE (Google: "Data definition language statements")."""

from __future__ import annotations

from typing import Any

from emulator.bigquery import catalog, fields
from emulator.bigquery.catalog import Ref
from emulator.bigquery.columns import field_of, typed
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect import names
from emulator.bigquery.errors import invalid, unsupported
from emulator.bigquery.options import properties_of
from emulator.bigquery.warehouse import drop_meta

Tree = Any
Schema = list[fields.Field]


def alter(cursor: Any, context: Context, tree: Tree) -> Outcome:
    from sqlglot import exp

    ref = names.ref_in(context, tree.this)
    context.allow("bigquery.tables.update", f"projects/{ref.project}/datasets/{ref.dataset}")
    table = catalog.get_table(cursor, ref)
    schema = [*table["schema"]["fields"]]
    for action in tree.args["actions"]:
        if isinstance(action, exp.AlterSet):
            table |= properties_of(action)
        elif isinstance(action, exp.AlterRename):
            ref, table = _rename(cursor, ref, table, action.this.name)
        elif made := _ACTIONS.get(type(action).__name__):
            schema = made(cursor, ref, schema, action)
        else:
            raise unsupported(f"ALTER TABLE … {type(action).__name__}")
    catalog.keep_table(cursor, ref, {**table, "schema": {"fields": schema}})
    return Outcome("ALTER_TABLE", target=ref, operation="ALTER")


def _add(cursor: Any, ref: Ref, schema: Schema, action: Tree) -> Schema:
    field = field_of(action)
    if any(f["name"].lower() == field["name"].lower() for f in schema):
        if action.args.get("exists"):
            return schema
        raise invalid(f"Column already exists: {field['name']}")
    catalog.add_column(cursor, ref, field)
    return [*schema, field]


def _drop(cursor: Any, ref: Ref, schema: Schema, action: Tree) -> Schema:
    if action.args.get("kind") != "COLUMN":
        raise unsupported(f"ALTER TABLE DROP {action.args.get('kind')}")
    named = (action.args.get("tables") or [action.this])[0]
    if not any(f["name"].lower() == named.name.lower() for f in schema):
        if action.args.get("exists"):
            return schema
        raise invalid(f"Column not found: {named.name}")
    cursor.execute(f"alter table {ref.duck} drop column {fields.quoted(named.name)}")
    return [f for f in schema if f["name"].lower() != named.name.lower()]


def _rename_column(cursor: Any, ref: Ref, schema: Schema, action: Tree) -> Schema:
    old, new = action.this.name, action.args["to"].name
    cursor.execute(
        f"alter table {ref.duck} rename column {fields.quoted(old)} to {fields.quoted(new)}"
    )
    return [{**f, "name": new} if f["name"].lower() == old.lower() else f for f in schema]


def _rename(cursor: Any, ref: Ref, table: dict[str, Any], name: str) -> tuple[Ref, dict[str, Any]]:
    new = Ref(ref.project, ref.dataset, name)
    if catalog.find_table(cursor, new):
        raise invalid(f"Already Exists: Table {new.name}")
    cursor.execute(f"alter table {ref.duck} rename to {fields.quoted(name)}")
    drop_meta(cursor, "table", ref.name)
    return new, {**table, "id": new.name, "tableReference": new.json()}


def _change(cursor: Any, ref: Ref, schema: Schema, action: Tree) -> Schema:
    """DROP NOT NULL, SET DATA TYPE, SET and DROP DEFAULT."""
    column, kind = fields.quoted(action.this.name), action.args.get("dtype")
    if kind is not None:
        made = typed(action.this.name, kind)
        cursor.execute(
            f"alter table {ref.duck} alter column {column} type {fields.duck_type(made)}"
        )
        change: dict[str, Any] = {
            k: made[k] for k in ("type", "precision", "scale", "maxLength") if k in made
        }
    elif action.args.get("drop") and action.args.get("allow_null"):
        cursor.execute(f"alter table {ref.duck} alter column {column} drop not null")
        change = {"mode": "NULLABLE"}
    elif action.args.get("default") is not None:
        change = {"defaultValueExpression": action.args["default"].sql(dialect="bigquery")}
        default = action.args["default"].sql(dialect="duckdb")
        cursor.execute(f"alter table {ref.duck} alter column {column} set default {default}")
    else:
        raise unsupported(f"ALTER COLUMN {action.sql(dialect='bigquery')}")
    return [{**f, **change} if f["name"].lower() == action.this.name.lower() else f
            for f in schema]  # fmt: skip


_ACTIONS: dict[str, Any] = {
    "ColumnDef": _add,
    "Drop": _drop,
    "RenameColumn": _rename_column,
    "AlterColumn": _change,
}
