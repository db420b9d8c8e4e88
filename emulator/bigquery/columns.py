"""Columns of a CREATE or ALTER → fields of a schema (Google: "Data types")."""

from __future__ import annotations

from typing import Any

from emulator.bigquery import fields
from emulator.bigquery.errors import unsupported

Tree = Any


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
        elif isinstance(kind, exp.DefaultColumnConstraint):
            made["defaultValueExpression"] = kind.this.sql(dialect="bigquery")
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
    made = {"name": name, "type": text, **_measures(text, [p.name for p in kind.expressions])}
    return fields.canonical([made])[0]


def _measures(kind: str, given: list[str]) -> dict[str, str]:
    """NUMERIC(10, 2), STRING(3)."""
    keys = ("precision", "scale") if "NUMERIC" in kind or "DECIMAL" in kind else ("maxLength",)
    return dict(zip(keys, given, strict=False))
