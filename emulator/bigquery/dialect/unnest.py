"""UNNEST: WITH OFFSET counts from 0, arrays of structs show their fields."""

from __future__ import annotations

from typing import Any

Tree = Any


def rewrite_unnests(tree: Tree) -> None:
    from sqlglot import exp

    for unnest in tree.find_all(exp.Unnest):
        _show_fields(unnest)
    for unnest in list(tree.find_all(exp.Unnest)):
        if isinstance(unnest.parent, exp.From | exp.Join) and unnest.args.get("offset"):
            _count_from_zero(unnest)


def _show_fields(unnest: Tree) -> None:
    """Without an alias, the fields of an array's structs are columns; the first names them."""
    from sqlglot import exp

    array = unnest.expressions[0]
    first = array.expressions[0] if isinstance(array, exp.Array) and array.expressions else None
    if unnest.args.get("alias") is None and isinstance(first, exp.Struct):
        unnest.set("explode_array", True)


def _count_from_zero(unnest: Tree) -> None:
    from sqlglot import exp

    given = unnest.args["offset"]
    offset = given.name if isinstance(given, exp.Identifier) else "offset"
    alias = unnest.args.get("alias")
    columns = [c.name for c in alias.args.get("columns") or []] if alias else []
    name = columns[0] if columns else (alias.name if alias and alias.name else "_value")
    inner = exp.Unnest(
        expressions=[e.copy() for e in unnest.expressions],
        alias=exp.TableAlias(
            this=exp.to_identifier("_u"),
            columns=[exp.to_identifier(name, quoted=True), exp.to_identifier("_n")],
        ),
        offset=True,
    )
    query = (
        exp.select(exp.column(name, "_u", quoted=True))
        .select(exp.alias_(exp.Sub(this=exp.column("_n", "_u"), expression=exp.Literal.number(1)),
                           offset, quoted=True))
        .from_(inner)
    )  # fmt: skip
    unnest.replace(query.subquery(f"_o_{name}"))
