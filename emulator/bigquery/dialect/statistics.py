"""MIN, STDDEV, VARIANCE, CORR and COVAR (Google: "Statistical aggregate functions").

DuckDB computes them in FLOAT64 and has answers of its own for infinities and NaN, which are refused
while the query runs. NUMERIC is computed exactly where all values come together.
"""

from __future__ import annotations

from typing import Any

Tree = Any
_MACROS = {"Variance": "var_samp", "VariancePop": "var_pop", "Stddev": "var_samp",
           "StddevSamp": "var_samp", "StddevPop": "var_pop"}  # fmt: skip


def _call(name: str, *args: Tree) -> Tree:
    from emulator.bigquery.dialect.functions import call

    return call(name, *args)


def _over(node: Tree) -> bool:
    from emulator.bigquery.dialect.rewrites import in_window

    return in_window(node)


def least(node: Tree) -> Tree:
    """MIN is NaN if any value is."""
    from sqlglot import exp

    from emulator.bigquery.dialect.rewrites import in_pivot

    if in_pivot(node):
        return node
    if _over(node):
        node.set("this", _sortable(node.this))
        return node
    value = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    return _call("bq_min", value)


def _sortable(value: Tree) -> Tree:
    from sqlglot import exp

    if isinstance(value, exp.Distinct):
        return _call("bq_sortable", value.expressions[0].copy())
    return _call("bq_sortable", value.copy())


def spread(node: Tree) -> Tree:
    """STDDEV and VARIANCE, of a sample or of all."""
    from sqlglot import exp

    kind, value = type(node).__name__, node.this
    distinct = isinstance(value, exp.Distinct)
    if not distinct and not _over(node):
        made = _call(f"bq_{_MACROS[kind]}", value)
        return _call("sqrt", made) if kind.startswith("Stddev") else made
    if distinct:
        inner = _call("bq_finite", value.expressions[0].copy())
        node.set("this", exp.Distinct(expressions=[inner]))
    else:
        node.set("this", _call("bq_finite", value.copy()))
    return node if _over(node) else _call("bq_held", node.copy())


def together(node: Tree) -> Tree:
    """COVAR_POP, COVAR_SAMP."""
    for side in ("this", "expression"):
        node.set(side, _call("bq_finite", node.args[side].copy()))
    return node if _over(node) else _call("bq_held", node.copy())
