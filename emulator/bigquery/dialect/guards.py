"""Statements that DuckDB would answer otherwise than Google: refused before they are rewritten.

What Google refuses too is refused in its words; the rest by the name of what is missing here.
"""

from __future__ import annotations

from typing import Any

from emulator.bigquery.errors import invalid_query, unsupported

Tree = Any
OPERATORS = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Not": "NOT"}
COMPARISONS = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "NullSafeEQ", "NullSafeNEQ")
FRAMELESS = {"Lag": "lag", "Lead": "lead", "RowNumber": "row_number", "Rank": "rank",
             "DenseRank": "dense_rank", "Ntile": "ntile", "PercentRank": "percent_rank",
             "CumeDist": "cume_dist"}  # fmt: skip


def guard(tree: Tree) -> None:
    for node in tree.walk():
        if check := _CHECKS.get(type(node).__name__):
            check(node)


def _kind(node: Tree) -> str:
    return type(node).__name__


def _bare(node: Tree) -> Tree:
    """Without the CAST that a parameter's value comes in."""
    while _kind(node) in ("Cast", "Paren"):
        node = node.this
    return node


def _operator(node: Tree) -> None:
    sides = (node.this, node.args.get("expression"))
    if any(_kind(side) == "Null" for side in sides):
        raise invalid_query(f"Operands of {OPERATORS[_kind(node)]} cannot be literal NULL")


def _comparison(node: Tree) -> None:
    for side in (node.this, node.expression):
        if _kind(side) == "Array":
            raise invalid_query("Equality is not defined for arguments of type ARRAY")
        if _kind(side) == "ParseJSON":
            raise invalid_query("Comparison is not defined for arguments of type JSON")


def _grouping(node: Tree) -> None:
    """ROLLUP, CUBE and GROUPING SETS: of columns, each once."""
    seen: list[str] = []
    for item in node.expressions:
        for inner in item.expressions if _kind(item) == "Tuple" else [item]:
            if _kind(inner) not in ("Column", "Rollup", "Cube", "GroupingSets", "Tuple", "Paren"):
                raise unsupported(f"{_kind(node).upper()} of expressions or positions")
            seen.append(inner.sql().lower() if _kind(node) != "GroupingSets" else "")
        if _kind(item) == "Tuple" and _repeats([i.sql().lower() for i in item.expressions]):
            raise unsupported(f"{_kind(node).upper()} that names a column twice")
    if _kind(node) != "GroupingSets" and _repeats(seen):
        raise unsupported(f"{_kind(node).upper()} that names a column twice")


def _repeats(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _group(node: Tree) -> None:
    select = node.parent
    if node.args.get("all") and all(
        _kind(i) == "Literal" or _kind(i.unalias()) == "Literal" for i in select.expressions
    ):
        raise unsupported("GROUP BY ALL without a column")


def _pivot(node: Tree) -> None:
    if node.args.get("unpivot"):
        return
    for field in node.args.get("fields") or []:
        for item in field.expressions:
            value = item.this if _kind(item) == "PivotAlias" else item
            if _kind(value) == "Column":
                raise invalid_query(f"PIVOT IN values must be constant: {value.name}")


def _value_table(node: Tree) -> None:
    """SELECT AS STRUCT and AS VALUE: rows of a value table spread out where they are read."""
    if not node.args.get("kind"):
        return
    kind, where = str(node.args["kind"]).upper(), node
    while type(where.parent).__name__ in ("Union", "Except", "Intersect") or (
        _kind(where.parent) == "Subquery" and where.parent.parent is None):  # fmt: skip
        where = where.parent
    parent = where.parent
    if parent is None and kind == "STRUCT":
        node.set("kind", None)  # what comes of the whole query has a column for each field
    elif parent is None and _kind(node.expressions[0].unalias()) == "Struct":
        raise unsupported("SELECT AS VALUE of a STRUCT")
    elif _kind(parent) in ("CTE", "Create", "Insert") or (
        _kind(parent) == "Subquery" and _kind(parent.parent) in ("From", "Join")):  # fmt: skip
        raise unsupported(f"SELECT AS {kind} in FROM, WITH and CREATE")


def _structs(node: Tree) -> None:
    """CASE s WHEN (…), NULLIF(s, (…)): NULL fields make their comparison NULL."""
    given = [one.this for one in node.args.get("ifs") or []] if node.this is not None else []
    given += [node.this, node.args.get("expression")]
    if any(_kind(one) in ("Struct", "Tuple") for one in given):
        raise unsupported(f"{'CASE' if _kind(node) == 'Case' else 'NULLIF'} of STRUCTs")


def _window(node: Tree) -> None:
    inner = node.this
    while _kind(inner) in ("IgnoreNulls", "RespectNulls"):
        inner = inner.this
    spec = node.args.get("spec") or _named_spec(node)
    if spec is not None and _kind(inner) in FRAMELESS:
        raise invalid_query("Window framing clause is not allowed for analytic function "
                            f"{FRAMELESS[_kind(inner)]}")  # fmt: skip
    for side in ("start", "end") if spec is not None else ():
        end = _bare(spec.args.get(side))
        if _kind(end) in ("Null", "Neg") or (hasattr(end, "name") and end.name.lower() == "nan"):
            raise invalid_query("The boundary offset value of a window frame cannot be null or "
                                "negative")  # fmt: skip


def _named_spec(node: Tree) -> Tree:
    """Of the WINDOW that it names."""
    from sqlglot import exp

    named, select = node.args.get("alias"), node.find_ancestor(exp.Select)
    if not named or select is None or node.arg_key == "windows":
        return None
    found = (w for w in select.args.get("windows") or [] if w.name.lower() == named.name.lower())
    return next((w.args.get("spec") for w in found), None)


def _between(node: Tree) -> None:
    """Google's answer is FALSE where the other end decides it, also for NaN."""
    if any(_kind(_bare(node.args[end])) == "Null" for end in ("low", "high")):
        raise unsupported("BETWEEN with a literal NULL")


def _offset(least: int) -> Any:
    def check(node: Tree) -> None:
        offset = _bare(node.args.get("offset") if _kind(node) != "Ntile" else node.this)
        if _kind(offset) in ("Neg", "Null") or (_kind(offset) == "Literal"
                                                and int(offset.name) < least):  # fmt: skip
            raise invalid_query(f"The offset to the function {node.sql_name()} must be at least "
                                f"{least}")  # fmt: skip
        default = node.args.get("default")
        if default is not None and list(default.find_all(_column_type())):
            raise invalid_query(f"The third argument (the default expression) to "
                                f"{node.sql_name()} must be constant")  # fmt: skip

    return check


def _column_type() -> Any:
    from sqlglot import exp

    return exp.Column


def _limit(node: Tree) -> None:
    if _kind(_bare(node.expression)) == "Null":
        raise invalid_query("Limit requires non-null count and offset")


def _top(node: Tree) -> None:
    count = _bare(node.args.get("count") or node.expression)
    good = _kind(count) == "Literal" and 0 < int(count.name) <= 100_000
    if not good:
        raise invalid_query("The last argument to APPROX_TOP_COUNT and APPROX_TOP_SUM must be a "
                            "positive literal, at most 100000")  # fmt: skip


def _like(node: Tree) -> None:
    """LIKE ANY, LIKE ALL: of patterns that are written out."""
    if _kind(node.parent) != "Like":
        return
    items = node.this.expressions if _kind(node.this) == "Tuple" else [_bare(node.this)]
    for item in items:
        if _kind(item) in ("Unnest", "Select", "Subquery", "Array") or "\\" in item.name:
            raise unsupported(f"LIKE {_kind(node).upper()} of arrays, queries and patterns with "
                              "backslashes")  # fmt: skip


def _joined(node: Tree) -> None:
    if _kind(_bare(node.args.get("separator"))) == "Null":
        raise invalid_query("Argument 2 to STRING_AGG must be non-NULL")


_CHECKS: dict[str, Any] = {
    **dict.fromkeys(OPERATORS, _operator),
    **dict.fromkeys(COMPARISONS, _comparison),
    "Rollup": _grouping,
    "Cube": _grouping,
    "GroupingSets": _grouping,
    "Group": _group,
    "Pivot": _pivot,
    "Select": _value_table,
    "Case": _structs,
    "Nullif": _structs,
    "Between": _between,
    "Window": _window,
    "Lag": _offset(0),
    "Lead": _offset(0),
    "NthValue": _offset(1),
    "Ntile": _offset(1),
    "Limit": _limit,
    "Offset": _limit,
    "ApproxTopK": _top,
    "ApproxTopSum": _top,
    "GroupConcat": _joined,
    "Any": _like,
    "All": _like,
}
