"""One statement's tree, GoogleSQL → DuckDB's SQL.

Tables are already replaced when this is asked. Functions are rewritten from the inside out.
"""

from __future__ import annotations

from typing import Any

from emulator.bigquery.dialect.casts import cast
from emulator.bigquery.dialect.functions import call, exact, rewrite_function
from emulator.bigquery.dialect.guards import guard
from emulator.bigquery.dialect.literals import rewrite_literals
from emulator.bigquery.dialect.nans import between, compared, is_comparison, ordered
from emulator.bigquery.dialect.rewrites import interval, window
from emulator.bigquery.dialect.unnest import rewrite_unnests
from emulator.bigquery.dialect.unpivot import rewrite_unpivots
from emulator.bigquery.errors import invalid, unsupported

Tree = Any


def to_duck(tree: Tree, source: str) -> str:
    from sqlglot import ErrorLevel, errors

    guard(tree)
    tree = _named_columns(rewrite_literals(tree))
    rewrite_unpivots(tree)
    rewrite_unnests(tree)
    _refuse_pseudo(tree)
    tree = _bottom_up(tree, source)
    try:
        return str(tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE))
    except errors.UnsupportedError as error:
        raise unsupported(str(error).rstrip(".")) from None


def _refuse_pseudo(tree: Tree) -> None:
    from sqlglot import exp

    for column in tree.find_all(exp.Column):
        if column.name.upper() in ("_PARTITIONTIME", "_PARTITIONDATE"):
            raise unsupported(f"the pseudo column {column.name.upper()}")


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


def _rewritten(node: Tree, source: str) -> Tree:  # noqa: C901, PLR0911, PLR0912 - one line per kind
    from sqlglot import exp

    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, exp.Cast):
        return cast(node)
    if isinstance(node, exp.Bracket):
        return _bracket(node)
    if isinstance(node, exp.Sub) and not _is_dated(node):
        return _arithmetic(node)
    if name := _OPERATORS.get(type(node).__name__):
        if name == "bq_minus":
            return call(name, node.this, node.expression)
        return call(name, exact(node.this), exact(node.expression))
    if isinstance(node, exp.Interval):
        return interval(node)
    if isinstance(node, exp.Add):
        return _arithmetic(node)
    if is_comparison(node):
        return compared(node)
    if isinstance(node, exp.Between):
        return between(node)
    if isinstance(node, exp.Order):
        return ordered(node)
    if isinstance(node, exp.Like):
        return _like(node)
    if isinstance(node, exp.Window):
        return window(node)
    if isinstance(node, exp.Array):
        return _array(node)
    if isinstance(node, exp.Tuple):
        return _tuple(node)
    if isinstance(node, exp.Anonymous) and type(node.parent).__name__ == "Dot":
        return node
    if isinstance(node, exp.DataType):
        return _type(node)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
        raise unsupported(f"the function {node.sql(dialect='bigquery').split('(')[0].upper()}")
    if isinstance(node, exp.Dot) and _of_json(node.this):
        return call("bq_json_get", node.this, exp.Literal.string(node.expression.name))
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

    sides = (node.this, node.expression)
    for side in sides:
        if _whole(side) and (len(side.this) > 6 or all(map(_whole, sides))):
            side.replace(exp.cast(side.copy(), "bigint"))
    return node


def _is_dated(node: Tree) -> bool:
    """Neither side is a number or an INTERVAL for certain: DATE - DATE is an INTERVAL."""
    from sqlglot import exp

    numbers = exp.Literal | exp.Interval | exp.Neg | exp.Mul | exp.Div | exp.Add
    return not any(isinstance(side, numbers) for side in (node.this, node.expression))


def _whole(node: Tree) -> bool:
    """A literal INT64: small ones stay as they are, for DATE + 1 is DuckDB's with INTEGER only."""
    from sqlglot import exp

    return isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()


_OPERATORS = {
    "Div": "bq_divide",
    "Sub": "bq_minus",
    "IntDiv": "bq_div",
    "Mod": "bq_mod",
    "Mul": "bq_mul",
}


def _like(node: Tree) -> Tree:
    """A backslash escapes in every pattern."""
    from sqlglot import exp

    if isinstance(node.parent, exp.Escape) or isinstance(node.expression, exp.Any | exp.All):
        return node
    if isinstance(node.expression, exp.Literal) and "\\" not in node.expression.this:
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def _array(node: Tree) -> Tree:
    """Later structs take the names of the first."""
    from sqlglot import exp

    first = node.expressions[0] if node.expressions else None
    if not isinstance(first, exp.Struct):
        return node
    names = [item.this.name for item in first.expressions if isinstance(item, exp.PropertyEQ)]
    if len(names) == len(first.expressions):
        for item in node.expressions[1:]:
            name_fields(item, names)
    return node


def name_fields(node: Tree, names: list[str]) -> None:
    """(1, 'x') or STRUCT(1, 'x') → STRUCT(1 AS a, 'x' AS b)."""
    from sqlglot import exp

    values = [node.this] if isinstance(node, exp.Paren) else node.expressions
    if not isinstance(node, exp.Paren | exp.Tuple | exp.Struct) or len(values) != len(names):
        return
    if any(isinstance(v, exp.PropertyEQ) for v in values):
        return
    pairs = [exp.PropertyEQ(this=exp.to_identifier(n), expression=v.copy())
             for n, v in zip(names, values, strict=True)]  # fmt: skip
    node.replace(exp.Struct(expressions=pairs))


def _tuple(node: Tree) -> Tree:
    """Among the columns of a SELECT, a tuple is a STRUCT without names."""
    from sqlglot import exp

    shown = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    if not isinstance(shown, exp.Select) or node.arg_key == "group":
        return node
    pairs = [exp.PropertyEQ(this=exp.to_identifier(f"_field_{n}"), expression=v.copy())
             for n, v in enumerate(node.expressions, 1)]  # fmt: skip
    return exp.Struct(expressions=pairs)


def _bracket(node: Tree) -> Tree:
    from sqlglot import exp

    key = node.expressions[0]
    if isinstance(key, exp.Literal) and key.is_string:
        return call("bq_json_get", node.this, key)
    offset, safe = node.args.get("offset"), node.args.get("safe")
    if offset is None and not safe and _of_json(node.this):
        return call("bq_json_get", node.this, key)
    name = ("bq_safe_at" if safe else "bq_at") + ("_1" if offset == 1 else "")
    return call(name, node.this, key)


def _of_json(node: Tree) -> bool:
    """Reached from a JSON literal or function."""
    return any(a.name.startswith("bq_json_get") for a in node.find_all(type(call("x")))) or (
        "AS JSON" in node.sql(dialect="duckdb")
    )


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
            if isinstance(item, exp.Column) and item.table and not item.is_star:
                made.append(exp.alias_(item, item.name, quoted=True))
            elif isinstance(item, exp.Alias | exp.Column | exp.Star | exp.Aliases) or item.is_star:
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
