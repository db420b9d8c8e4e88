"""What literals become by what stands around them (Google: "Literal coercion", "Struct type").

structs    (a, b) = (c, d), (a, b) IN ((c, d), …) → fields compared one by one
branches   of a set operation: STRUCTs take the first's names, numbers become NUMERIC beside one
"""

from __future__ import annotations

from typing import Any

Tree = Any


def rewrite_literals(tree: Tree) -> Tree:
    from sqlglot import exp

    for union in list(tree.find_all(exp.SetOperation)):
        if not isinstance(union.parent, exp.SetOperation):
            _align(list(_branches(union)))
    for array in tree.find_all(exp.Array):
        _align_numbers(array.expressions)
    for node in reversed(list(tree.find_all(exp.EQ, exp.NEQ, exp.In))):
        made = _compared(node)
        if made is not None and node is not tree:
            node.replace(made)
    return tree


# -- structs ------------------------------------------------------------------------------------


def _compared(node: Tree) -> Tree | None:
    from sqlglot import exp

    left = _values(node.this)
    if left is None:
        return None
    if isinstance(node, exp.In):
        return _among(left, node)
    right = _values(node.expression)
    if right is None or len(right) != len(left):
        return None
    made = _all_equal(left, right)
    return exp.Not(this=exp.paren(made)) if isinstance(node, exp.NEQ) else exp.paren(made)


def _among(left: list[Tree], node: Tree) -> Tree | None:
    from sqlglot import exp

    unnest = node.args.get("unnest")
    items = node.expressions
    if unnest is not None:
        array = unnest.expressions[0]
        items = array.expressions if isinstance(array, exp.Array) else []
    rows = [_values(item) for item in items]
    if not rows or any(row is None or len(row) != len(left) for row in rows):
        return None
    return exp.paren(exp.or_(*(exp.paren(_all_equal(left, row)) for row in rows if row)))


def _all_equal(left: list[Tree], right: list[Tree]) -> Tree:
    from sqlglot import exp

    pairs = []
    for a, b in zip(left, right, strict=True):
        inner = exp.EQ(this=a.copy(), expression=b.copy())
        pairs.append(_compared(inner) or inner)
    return exp.and_(*pairs)


def _values(node: Tree | None) -> list[Tree] | None:
    """Of a struct that is written out."""
    from sqlglot import exp

    if isinstance(node, exp.Struct | exp.Tuple) and node.expressions:
        return [v.expression if isinstance(v, exp.PropertyEQ) else v.unalias()
                for v in node.expressions]  # fmt: skip
    return None


# -- branches of a set operation ----------------------------------------------------------------


def _branches(node: Tree) -> Any:
    from sqlglot import exp

    if isinstance(node, exp.SetOperation):
        yield from _branches(node.this)
        yield from _branches(node.expression)
    elif isinstance(node, exp.Subquery):
        yield from _branches(node.this)
    elif isinstance(node, exp.Select):
        yield node


def _align(selects: list[Tree]) -> None:
    widths = {len(select.expressions) for select in selects}
    for at in range(min(widths, default=0)):
        column = [select.expressions[at].unalias() for select in selects]
        _name_structs(column)
        _align_numbers(column)


def _align_numbers(items: list[Tree]) -> None:
    numeric = next(filter(_is_numeric, items), None)
    for item in list(items) if numeric is not None else ():
        _exact(item, numeric)


def _name_structs(column: list[Tree]) -> None:
    from sqlglot import exp

    from emulator.bigquery.dialect.translate import name_fields

    first = column[0]
    if not isinstance(first, exp.Struct):
        return
    names = [i.this.name if isinstance(i, exp.PropertyEQ) else i.alias for i in first.expressions]
    if not all(names):
        return
    for item in column[1:]:
        if isinstance(item, exp.Struct):
            item.set("expressions", [v.copy() for v in _values(item) or []])
        name_fields(item, names)


def _is_numeric(item: Tree) -> bool:
    from sqlglot import exp

    return isinstance(item, exp.Cast) and item.to.this in (exp.DType.DECIMAL, exp.DType.BIGDECIMAL)


def _exact(item: Tree, numeric: Tree) -> None:
    """A literal with a point is what NUMERIC holds of it, not the nearest FLOAT64."""
    from sqlglot import exp

    sign = isinstance(item, exp.Neg)
    literal = item.this if sign else item
    if not isinstance(literal, exp.Literal) or literal.is_string or "." not in literal.this:
        return
    text = ("-" if sign else "") + literal.this
    item.replace(exp.cast(exp.Literal.string(text), numeric.to.copy()))
