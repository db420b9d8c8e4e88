"""Tables in a statement: which are named, and what stands for each of them in DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context
from emulator.bigquery.dialect.locate import at_word
from emulator.bigquery.errors import BigQueryError, invalid

Tree = Any
SCHEMA_VIEWS = "INFORMATION_SCHEMA."


def tables_of(tree: Tree) -> list[Tree]:
    """Every table named in `tree` that is not a WITH or an UNNEST of it."""
    from sqlglot import exp

    return [
        table
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Identifier) and not (_is_local(table) and not table.db)
    ]


def _is_local(table: Tree) -> bool:
    """Named by a WITH around it."""
    from sqlglot import exp

    name, node = table.name.lower(), table
    while node is not None:
        clause = node.args.get("with_") or node.args.get("with")
        ctes = clause.expressions if isinstance(clause, exp.With) else ()
        if any(cte.alias.lower() == name for cte in ctes):
            return True
        node = node.parent
    return False


def ref_of(table: Tree, project: str, default: tuple[str, str] | None) -> Ref:
    """`default` is the query's default dataset."""
    parts = [part.name for part in table.parts]
    if len(parts) == 1 and default is None:
        raise invalid(
            f'Table "{table.name}" must be qualified with a dataset (e.g. dataset.table).'
        )
    if len(parts) == 1 and default:
        return Ref(*default, parts[0])
    return Ref(project, *parts) if len(parts) == 2 else Ref(*parts[-3:])


def ref_in(context: Context, table: Tree) -> Ref:
    """In a statement: also a temporary table of its script."""
    if len(table.parts) == 1 and (found := context.temps.get(table.name.lower())):
        return found
    return ref_of(table, context.project, context.default)


def replace(table: Tree, sql: str) -> None:
    """Put a DuckDB table name or a query in parentheses in the place of `table`."""
    from sqlglot import exp

    alias = table.args.get("alias")
    if alias is None or not alias.name:
        columns = alias.args.get("columns") if alias is not None else None
        alias = exp.TableAlias(
            this=exp.to_identifier(table.name, quoted=True), columns=columns or None
        )
    made = exp.Table(this=Verbatim.of(sql), alias=alias.copy())
    for key in ("joins", "pivots", "sample"):
        if table.args.get(key):
            made.set(key, table.args[key])
    table.replace(made)


class Verbatim:
    """DuckDB's SQL inside sqlglot's tree."""

    @staticmethod
    def of(sql: str) -> Tree:
        from sqlglot import exp

        return exp.Var(this=sql)


def located(source: str, table: Tree, make: Callable[[], str]) -> str:
    """`make()`, whose refusals then tell where the table is named."""
    try:
        return make()
    except BigQueryError as error:
        if error.reason == "notFound" and " at [" not in error.message:
            at = at_word(source, table.name)
            raise BigQueryError(
                "notFound", f"{error.message} was not found in location EU at {at}"
            ) from None
        raise
