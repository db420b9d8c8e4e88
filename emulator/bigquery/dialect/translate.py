"""One statement's tree, GoogleSQL → DuckDB's SQL.

Tables are already replaced when this is asked. Functions are rewritten from the inside out.
"""

from __future__ import annotations

from typing import Any

from emulator.bigquery.dialect.functions import call, rewrite_function
from emulator.bigquery.dialect.unnest import rewrite_unnests
from emulator.bigquery.errors import invalid, unsupported

Tree = Any


def to_duck(tree: Tree, source: str) -> str:
    from sqlglot import ErrorLevel, errors

    tree = _named_columns(tree)
    rewrite_unnests(tree)
    tree = _bottom_up(tree, source)
    try:
        return str(tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE))
    except errors.UnsupportedError as error:
        raise unsupported(str(error).rstrip(".")) from None


def _bottom_up(tree: Tree, source: str) -> Tree:
    from sqlglot import exp

    for node in reversed(list(tree.walk(bfs=True))):
        made = _rewritten(node, source)
        if made is not node:
            if node is tree:
                return made
            node.replace(made)
    assert isinstance(tree, exp.Expression)
    return tree


def _rewritten(node: Tree, source: str) -> Tree:  # noqa: C901, PLR0911 - one line per kind
    from sqlglot import exp

    if isinstance(node, exp.Pivot) and node.args.get("unpivot"):
        raise unsupported("UNPIVOT")
    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, exp.Cast):
        return _cast(node)
    if isinstance(node, exp.Bracket):
        return _bracket(node)
    if type(node) in (exp.Div, exp.IntDiv, exp.Mod):
        name = {exp.Div: "bq_divide", exp.IntDiv: "bq_div", exp.Mod: "bq_mod"}[type(node)]
        return call(name, node.this, node.expression)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _arithmetic(node)
    if isinstance(node, exp.DataType):
        return _type(node)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
        raise unsupported(f"the function {node.sql(dialect='bigquery').split('(')[0].upper()}")
    if type(node).__name__.startswith("TsOrDs") and isinstance(node.parent, exp.TimeToStr):
        return node  # FORMAT_… reads from it which type it was given
    if isinstance(node, exp.Func):
        return rewrite_function(node, source)
    return node


def _literal(node: Tree) -> Tree:
    """1.5 is a FLOAT64."""
    from sqlglot import exp

    text = node.this
    if not node.is_string and "." in text and "e" not in text.lower():
        return exp.Literal.number(f"{text}e0")
    return node


def _arithmetic(node: Tree) -> Tree:
    """INT64, not the smallest integer that holds a literal."""
    from sqlglot import exp

    for side in (node.this, node.expression):
        if isinstance(side, exp.Literal) and not side.is_string and side.this.isdigit():
            side.replace(exp.cast(side.copy(), "bigint"))
    return node


def _cast(node: Tree) -> Tree:
    from sqlglot import exp

    kind = node.to.this
    safe = isinstance(node, exp.TryCast)
    if node.args.get("format"):
        raise unsupported("CAST with FORMAT")
    if kind == exp.DType.BIGINT:
        return call("bq_safe_int64" if safe else "bq_int64", node.this)
    if kind == exp.DType.TEXT:
        return call("bq_string", node.this)
    if kind == exp.DType.VARBINARY:
        return call("bq_bytes", node.this)
    return node


def _bracket(node: Tree) -> Tree:
    from sqlglot import exp

    key = node.expressions[0]
    if isinstance(key, exp.Literal) and key.is_string:
        return call("bq_json_get", node.this, key)
    offset, safe = node.args.get("offset"), node.args.get("safe")
    name = ("bq_safe_at" if safe else "bq_at") + ("_1" if offset == 1 else "")
    return call(name, node.this, key)


def _type(node: Tree) -> Tree:
    from sqlglot import exp

    if node.this in (exp.DType.DECIMAL, exp.DType.BIGDECIMAL) and not node.expressions:
        scale = 9 if node.this == exp.DType.DECIMAL else 18
        return exp.DataType.build(f"DECIMAL(38, {scale})", dialect="duckdb")
    if node.this == exp.DType.GEOGRAPHY:
        raise unsupported("the type GEOGRAPHY")
    return node


def _named_columns(tree: Tree) -> Tree:
    """A column without a name is `f0_`, `f1_`, … by its place among those."""
    from sqlglot import exp

    for select in list(tree.find_all(exp.Select)):
        count, made = 0, []
        for item in select.expressions:
            if isinstance(item, exp.Alias | exp.Column | exp.Star | exp.Aliases) or item.is_star:
                made.append(item)
            elif isinstance(item, exp.Dot):
                made.append(exp.alias_(item, item.name, quoted=True))
            elif select.args.get("kind"):
                made.append(item)
            else:
                made.append(exp.alias_(item, f"f{count}_"))
                count += 1
        select.set("expressions", made)
    return tree


def duplicates(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise invalid(
                "Duplicate column names in the result are not supported when a destination table "
                f"is present. Found duplicate(s): {name}"
            )
        seen.add(name.lower())
