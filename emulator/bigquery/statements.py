"""One statement: what kind it is, and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.bigquery import catalog, definitions, sizes
from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect import names
from emulator.bigquery.dialect.translate import duplicates, name_fields
from emulator.bigquery.errors import invalid, invalid_query, unsupported
from emulator.bigquery.reading import described, normal, query_sql

Tree = Any
ROWS = 65_536
"""Of one batch."""
CHANGES = {"Insert": "INSERT", "Update": "UPDATE", "Delete": "DELETE", "Merge": "MERGE"}


def reads_only(tree: Tree) -> bool:
    from sqlglot import exp

    return isinstance(tree, exp.Query)


def run(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    """Do it, or, in a dry run, only find out what it would give."""
    read = sizes.bytes_read(cursor, context, tree)
    sizes.need_budget(read, context.limits)
    outcome = _run(cursor, context, tree, dry)
    outcome.bytes = read
    return outcome


def _run(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    from sqlglot import exp

    kind = type(tree).__name__
    if isinstance(tree, exp.Query):
        return _select(cursor, context, tree, dry)
    if kind in CHANGES:
        return _change(cursor, context, tree, dry)
    if kind == "TruncateTable":
        return _truncate(cursor, context, tree, dry)
    if isinstance(tree, exp.Create | exp.Drop | exp.Alter):
        return definitions.run(cursor, context, tree, dry)
    if kind in ("LoadData", "Export"):
        from emulator.bigquery import moving

        by_kind = {"LoadData": moving.load, "Export": moving.export}
        return by_kind[kind](cursor, context, tree, dry)
    raise unsupported(f"the statement {kind.upper()}")


def _select(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    sql = query_sql(cursor, context, tree)
    schema = described(cursor, sql)
    duplicates([field["name"] for field in schema])
    made = Outcome("SELECT", schema, normal(sql, schema))
    if not dry:
        keep(cursor, context, made, made.sql, schema)
    return made


def keep(
    cursor: Any, context: Context, outcome: Outcome, sql: str, schema: list[dict[str, Any]]
) -> None:
    """The rows of `sql` as those of the statement, as they come: they may be many."""
    rows = _without_nulls(cursor.sql(sql).to_arrow_reader(ROWS), schema)
    kept = context.keep(rows)
    outcome.schema, outcome.rows, outcome.kept = schema, kept.rows, kept.name


def _without_nulls(rows: Any, schema: list[dict[str, Any]]) -> Any:
    """An array may hold NULL while a query runs, not in what comes of it (Google: "Arrays")."""
    import pyarrow as pa

    arrays = [(at, f["name"]) for at, f in enumerate(schema) if f["mode"] == "REPEATED"]

    def checked() -> Iterator[Any]:
        for batch in rows:
            for at, name in arrays:
                if batch.column(at).flatten().null_count:
                    raise invalid(
                        f"Array cannot have a null element; error in writing field {name}"
                    )
            yield batch

    return pa.RecordBatchReader.from_batches(rows.schema, checked()) if arrays else rows


def _change(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    from sqlglot import exp

    kind = CHANGES[type(tree).__name__]
    if kind == "DELETE" and not isinstance(tree.this, exp.Expression):
        tree.set("this", tree.args["tables"][0])
        tree.set("tables", None)
    if kind in ("UPDATE", "DELETE") and tree.args.get("where") is None:
        raise invalid_query(f"{kind} must have a WHERE clause", "[1:1]")
    target = _target(cursor, context, tree)
    if kind == "INSERT":
        _name_fields(cursor, tree, target)
        _name_columns(cursor, tree, target)
    if kind == "MERGE":
        _whole_rows(cursor, tree, target)
    if kind == "UPDATE" and tree.args.get("from_") is not None and not dry:
        _need_one_each(cursor, context, tree, target)
    sql = query_sql(cursor, context, tree)
    if dry:
        cursor.execute(f"explain {sql}")
        return Outcome(kind, target=target)
    count = cursor.execute(sql).fetchall()
    affected = int(count[0][0]) if count else 0
    catalog.touch(cursor, target)
    return Outcome(kind, affected=affected, stats=_stats(kind, affected), target=target)


def _need_one_each(cursor: Any, context: Context, tree: Tree, target: Ref) -> None:
    """Several rows of FROM for one of the table are an error (Google: "UPDATE statement")."""
    from sqlglot import exp

    name = exp.TableAlias(this=exp.to_identifier(tree.this.alias_or_name, quoted=True))
    table = exp.Table(this=names.Verbatim.of(target.duck), alias=name)
    row = exp.column("rowid", tree.this.alias_or_name)
    found = exp.select(exp.alias_(exp.Literal.number(1), "n")).from_(table)
    found = found.join(tree.args["from_"].this.copy(), join_type="cross")
    found = found.where(tree.args["where"].this.copy()).group_by(row)
    found = found.having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
    if cursor.execute(f"{query_sql(cursor, context, found)} limit 1").fetchall():
        raise invalid_query("UPDATE/MERGE must match at most one source row for each target row")


def _stats(kind: str, affected: int) -> dict[str, str]:
    names_of = {"INSERT": "insertedRowCount", "UPDATE": "updatedRowCount",
                "DELETE": "deletedRowCount"}  # fmt: skip
    return {names_of[kind]: str(affected)} if kind in names_of else {}


def _target(cursor: Any, context: Context, tree: Tree) -> Ref:
    from sqlglot import exp

    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    ref = names.ref_in(context, table)
    context.allow("bigquery.tables.updateData", ref.resource)
    names.located(context.source, table, lambda: str(catalog.get_table(cursor, ref)["id"]))
    if catalog.get_table(cursor, ref)["type"] != "TABLE":
        raise invalid(f"{ref.name} is not allowed for this operation because it is not a table.")
    return ref


def _name_columns(cursor: Any, tree: Tree, target: Ref) -> None:
    """The table's alias would confuse DuckDB's INSERT; its name stands alone."""
    from sqlglot import exp

    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    made = exp.Table(this=names.Verbatim.of(target.duck))
    table.replace(made)


def _name_fields(cursor: Any, tree: Tree, target: Ref) -> None:
    """Structs without names among VALUES take those of the table's columns."""
    from sqlglot import exp

    schema = catalog.get_table(cursor, target)["schema"]["fields"]
    if isinstance(tree.this, exp.Schema):
        by_name = {f["name"].lower(): f for f in schema}
        schema = [by_name.get(c.name.lower(), {"type": ""}) for c in tree.this.expressions]
    if not isinstance(tree.expression, exp.Values):
        return
    for row in tree.expression.expressions:
        values = row.expressions if isinstance(row, exp.Tuple) else [row]
        for value, field in zip(list(values), schema, strict=False):
            _name_field(value, field)


def _name_field(value: Tree, field: dict[str, Any]) -> None:
    from sqlglot import exp

    if field["type"] != "RECORD":
        return
    items = value.expressions if field["mode"] == "REPEATED" else [value]
    for item in list(items):
        if isinstance(item, exp.Struct | exp.Tuple):
            for inner, inside in zip(list(item.expressions), field["fields"], strict=False):
                _name_field(inner, inside)
            name_fields(item, [inside["name"] for inside in field["fields"]])


def _whole_rows(cursor: Any, tree: Tree, target: Ref) -> None:
    """MERGE … INSERT ROW: every column of the table, from the source's of that name."""
    from sqlglot import exp

    columns = [f["name"] for f in catalog.get_table(cursor, target)["schema"]["fields"]]
    source = tree.args["using"].alias_or_name
    for insert in tree.find_all(exp.Insert):
        if isinstance(insert.this, exp.Var | exp.Identifier) and insert.this.name.upper() == "ROW":
            insert.set("this", exp.Tuple(expressions=[exp.column(c, quoted=True) for c in columns]))
            insert.set("expression", exp.Tuple(
                expressions=[exp.column(c, source, quoted=True) for c in columns]))  # fmt: skip


def _truncate(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    target = names.ref_in(context, tree.expressions[0])
    context.allow("bigquery.tables.updateData", target.resource)
    catalog.get_table(cursor, target)
    if not dry:
        cursor.execute(f"delete from {target.duck}")
        catalog.touch(cursor, target)
    return Outcome("TRUNCATE_TABLE", target=target)
