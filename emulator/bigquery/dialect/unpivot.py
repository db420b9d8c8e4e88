"""UNPIVOT: one query for each of the columns that become rows (Google: "UNPIVOT operator")."""

from __future__ import annotations

from typing import Any

from emulator.bigquery.errors import unsupported

Tree = Any


def rewrite_unpivots(tree: Tree) -> None:
    from sqlglot import exp

    for pivot in list(tree.find_all(exp.Pivot)):
        if pivot.args.get("unpivot"):
            _rewrite(pivot)


def _rewrite(pivot: Tree) -> None:
    from sqlglot import exp

    source, field = pivot.parent, pivot.args["fields"][0]
    value, name = pivot.expressions[0], field.this
    if isinstance(value, exp.Tuple) or len(source.args["pivots"]) > 1:
        raise unsupported("UNPIVOT of several columns at once")
    if source.find(exp.Rand, exp.Uuid) is not None:
        raise unsupported("UNPIVOT of what is another at each reading")
    alias = source.args.get("alias")
    plain = source.copy()
    plain.set("pivots", None)
    made = _all([_one(plain, [_column(i) for i in field.expressions], item, value.name, name.name)
                 for item in field.expressions])  # fmt: skip
    if not pivot.args.get("include_nulls"):
        inner = made.subquery("_all")
        null = exp.Is(this=exp.column(value.name, quoted=True), expression=exp.null())
        made = exp.select("*").from_(inner).where(exp.Not(this=null))
    source.replace(made.subquery(alias.name if alias is not None and alias.name else "_unpivoted"))


def _column(item: Tree) -> Tree:
    from sqlglot import exp

    return item.this if isinstance(item, exp.Alias | exp.PivotAlias) else item


def _label(item: Tree) -> str:
    from sqlglot import exp

    named = item.args["alias"] if isinstance(item, exp.Alias | exp.PivotAlias) else item
    return str(named.name)


def _one(source: Tree, columns: list[Tree], item: Tree, value: str, name: str) -> Tree:
    from sqlglot import exp

    rest = exp.Star(except_=[exp.to_identifier(c.name, quoted=True) for c in columns])
    return exp.select(
        rest,
        exp.alias_(_column(item).copy(), value, quoted=True),
        exp.alias_(exp.Literal.string(_label(item)), name, quoted=True),
    ).from_(source.copy())


def _all(queries: list[Tree]) -> Tree:
    from sqlglot import exp

    made = queries[0]
    for query in queries[1:]:
        made = exp.Union(this=made, expression=query, distinct=False)
    return made
