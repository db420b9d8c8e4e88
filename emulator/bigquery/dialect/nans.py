"""NaN: equal to nothing, not even itself, neither less nor greater than a number, and first of all
numbers where rows are ordered (Google: "Floating point types", "Comparison operators").

DuckDB's NaN equals itself and is the greatest number. What is put around a comparison or a key
here is nothing at all for other types: macros choose by the type, and the optimiser takes away what
is constant.
"""

from __future__ import annotations

from typing import Any

Tree = Any
_COMPARED = {"EQ": (0, 1), "NEQ": (0, 1), "GT": (0,), "GTE": (0,), "LT": (1,), "LTE": (1,)}
"""Which sides must not be NaN for DuckDB's answer to be Google's; of two, not both."""
_NUMBERS = frozenset(["DOUBLE", "BIGINT", "DECIMAL", "BIGDECIMAL", "INT"])


def _call(name: str, *args: Tree) -> Tree:
    from emulator.bigquery.dialect.functions import call

    return call(name, *(arg.copy() for arg in args))


# -- comparisons --------------------------------------------------------------------------------


def is_comparison(node: Tree) -> bool:
    return type(node).__name__ in _COMPARED


def compared(node: Tree) -> Tree:
    from sqlglot import exp

    sides = (node.this, node.expression)
    if _is_assignment(node) or any(map(_is_other, sides)):
        return node
    critical = [sides[at] for at in _COMPARED[type(node).__name__]]
    if not all(map(_may_be_nan, critical)):
        return node
    if _joins(node):
        return type(node)(this=_key(node.this), expression=_key(node.expression))
    nans = [_call("bq_is_nan", side) for side in critical]
    if isinstance(node, exp.NEQ):
        return exp.paren(exp.or_(node.copy(), exp.and_(*nans)))
    other = sides[1] if critical[0] is sides[0] else sides[0]
    if len(nans) == 1 and not _is_costly(other):
        nans.append(exp.Not(this=exp.Is(this=exp.paren(other.copy()), expression=exp.null())))
    return exp.paren(exp.and_(node.copy(), exp.Not(this=exp.paren(exp.and_(*nans)))))


def between(node: Tree) -> Tree:
    """Its ends are two comparisons; with other ends than FLOAT64s it stays what it is."""
    from sqlglot import exp

    low, high = node.args["low"], node.args["high"]
    if not _may_be_nan(high) or any(map(_is_other, (low, high, node.this))):
        return node
    least = exp.GTE(this=node.this.copy(), expression=low.copy())
    most = exp.LTE(this=node.this.copy(), expression=high.copy())
    return exp.paren(exp.and_(compared(least), compared(most)))


def least(node: Tree) -> Tree:
    """LEAST is NaN if any argument is."""
    from sqlglot import exp

    given = [node.this, *node.expressions]
    doubtful = [value for value in given if _may_be_nan(value)]
    if not doubtful:
        return node
    any_nan = exp.or_(*(_call("bq_is_nan", value) for value in doubtful))
    greatest = exp.Greatest(**{key: value.copy() if hasattr(value, "copy") else value
                               for key, value in node.args.items() if key != "expressions"},
                            expressions=[value.copy() for value in node.expressions])  # fmt: skip
    return exp.Case(ifs=[exp.If(this=any_nan, true=greatest)], default=node.copy())


def _is_assignment(node: Tree) -> bool:
    """SET a = b"""
    return type(node.parent).__name__ == "Update" and node.arg_key == "expressions"


def _is_other(side: Tree) -> bool:
    """Neither a number nor compared with one."""
    from sqlglot import exp

    if isinstance(side, exp.Cast):
        return side.to.this.name not in _NUMBERS
    texts = isinstance(side, exp.Literal) and side.is_string
    return texts or isinstance(side, exp.Boolean | exp.Null | exp.Interval | exp.Tuple | exp.Array)


def _may_be_nan(side: Tree) -> bool:
    from sqlglot import exp

    inner = side.this if isinstance(side, exp.Neg | exp.Paren) else side
    if isinstance(inner, exp.Cast):
        return bool(inner.to.this.name == "DOUBLE") and not _is_costly(side)
    return not (isinstance(inner, exp.Literal) or _is_other(inner) or _is_costly(side))


def _is_costly(side: Tree) -> bool:
    """Not to be computed twice."""
    from sqlglot import exp

    return side.find(exp.Query, exp.Rand, exp.Uuid) is not None


def _joins(node: Tree) -> bool:
    """Of the condition of a JOIN: equal keys must stay plain, and NULL is as good as FALSE."""
    from sqlglot import exp

    while isinstance(node.parent, exp.And | exp.Paren):
        node = node.parent
    return isinstance(node.parent, exp.Join | exp.Merge) and node.arg_key == "on"


def _key(side: Tree) -> Tree:
    return _call("bq_key", side) if _may_be_nan(side) else side.copy()


# -- orders -------------------------------------------------------------------------------------


def ordered(node: Tree) -> Tree:
    """ORDER BY: one more key before each."""
    from sqlglot import exp

    if isinstance(node.this, exp.Distinct):
        return node
    alone = isinstance(node.parent, exp.Window) and _by_distance(node.parent)
    made: list[Tree] = []
    for item in node.expressions:
        value = _value(node, item.this)
        if value is None or _is_costly(value) or _is_other(value):
            made.append(item.copy())
        elif alone:
            made.append(_with(item, _call("bq_sortable", value)))
        else:
            made += [_nan_key(item, value), item.copy()]
    return exp.Order(this=node.this.copy() if node.this else None, expressions=made)


def _nan_key(item: Tree, value: Tree) -> Tree:
    made = _with(item, _call("bq_before", value))
    made.set("desc", not item.args.get("desc"))
    return made


def _with(item: Tree, key: Tree) -> Tree:
    made = item.copy()
    made.set("this", key)
    return made


def _by_distance(window: Tree) -> bool:
    """RANGE with an offset has exactly one key."""
    spec = window.args.get("spec")
    ends = [spec.args.get("start"), spec.args.get("end")] if spec is not None else []
    return bool(spec is not None and str(spec.args.get("kind")).upper() == "RANGE"
                and any(hasattr(end, "walk") for end in ends))  # fmt: skip


def _value(order: Tree, key: Tree) -> Tree | None:
    """What a key stands for: a column of the result, by its place or its name, or itself."""
    from sqlglot import exp

    query = order.parent
    place = isinstance(key, exp.Literal) and not key.is_string
    if isinstance(query, exp.SetOperation):
        names = query.named_selects
        named = place and int(key.name) <= len(names) and names[int(key.name) - 1] not in ("", "*")
        return exp.column(names[int(key.name) - 1], quoted=True) if named else (
            None if place else key)  # fmt: skip
    if not isinstance(query, exp.Select):
        return None if place else key
    if query.args.get("group") is not None and query.args["group"].args.get("all"):
        return None  # DuckDB would group by the key too
    items = query.expressions
    if place:
        at = int(key.name)
        stars = any(item.is_star for item in items[:at])
        return None if stars or not 0 < at <= len(items) else items[at - 1].unalias()
    if isinstance(key, exp.Column) and not key.table:
        return next((i.this for i in items if i.alias.lower() == key.name.lower()), key)
    return key
