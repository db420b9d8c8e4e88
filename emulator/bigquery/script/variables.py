"""Variables of a script inside its statements: DuckDB's variables of the same session."""

from __future__ import annotations

from typing import Any

from emulator.bigquery import catalog
from emulator.bigquery.context import Context
from emulator.bigquery.dialect import names

Tree = Any


def put_variables(cursor: Any, context: Context, tree: Tree) -> None:
    """A column of a table in the statement hides a variable of its name."""
    from sqlglot import exp

    hidden = _columns(cursor, context, tree)
    for column in list(tree.find_all(exp.Column)):
        parts = [part.name for part in column.parts]
        found = context.variables.get(parts[0].lower())
        if found is None or parts[0].lower() in hidden or column.is_star:
            continue
        made = names.Verbatim.of(f"getvariable('{found}')" + "".join(
            f".{p}" if p.isidentifier() else f'."{p}"' for p in parts[1:]))  # fmt: skip
        column.replace(exp.paren(made) if len(parts) > 1 else made)


def _columns(cursor: Any, context: Context, tree: Tree) -> set[str]:
    from sqlglot import exp

    made: set[str] = set()
    for table in names.tables_of(tree):
        if names.SCHEMA_VIEWS in ".".join(p.name for p in table.parts).upper():
            continue
        if len(table.parts) == 1 and table.name.lower() in context.variables:
            continue
        ref = names.ref_in(context, table) if len(table.parts) > 1 or context.default or (
            table.name.lower() in context.temps) else None  # fmt: skip
        found = catalog.find_table(cursor, ref) if ref else None
        made |= {f["name"].lower() for f in (found or {"schema": {}})["schema"].get("fields", [])}
        made.add(table.alias_or_name.lower())
    for inner in (*tree.find_all(exp.Subquery), *tree.find_all(exp.CTE)):
        made |= {name.lower() for name in inner.this.named_selects}
    for unnest in tree.find_all(exp.Unnest):
        made.add(unnest.alias.lower())
        alias = unnest.args.get("alias")
        made |= {c.name.lower() for c in (alias.args.get("columns") or [])} if alias else set()
    return made
