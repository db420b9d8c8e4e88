"""CAST and SAFE_CAST (Google: "Conversion functions")."""

from __future__ import annotations

from typing import Any

from emulator.bigquery.errors import unsupported

Tree = Any


def _call(name: str, *args: Tree) -> Tree:
    from emulator.bigquery.dialect.functions import call

    return call(name, *args)


def cast(node: Tree) -> Tree:
    """What stands for it in DuckDB."""
    from sqlglot import exp

    safe = isinstance(node, exp.TryCast)
    _refuse(node)
    if isinstance(node.this, exp.Null):
        return node
    if [e.name for e in node.to.expressions] == ["38", "18"] and not _is_number(node.this):
        return _bignumeric(node.this, safe)
    if node.to.this.name in ("DECIMAL", "BIGDECIMAL") and _is_number(node.this):
        node.set("this", exp.Literal.string(_digits(node.this)))
    if node.to.this in (exp.DType.DECIMAL, exp.DType.BIGDECIMAL) and node.to.expressions:
        return node
    made = _made(node, safe)
    return _at_most(made, node, safe)


def _made(node: Tree, safe: bool) -> Tree:
    from sqlglot import exp

    kind, value = node.to.this, node.this
    if name := _CASTS.get(kind.name):
        made = _call(f"bq_{'safe_' if safe and 'numeric' not in name else ''}{name}", value)
        return _call("try", made) if safe and "numeric" in name else made
    if kind == exp.DType.TEXT:
        return _call("try", _call("bq_string", value)) if safe else _call("bq_string", value)
    if kind in (exp.DType.VARBINARY, exp.DType.BINARY):
        given = exp.cast(value, "text") if isinstance(value, exp.Literal) else value
        return _call("bq_bytes", given)
    if (name := _TIMES.get(kind.name)) and not isinstance(value, exp.Literal):
        made = _call(name, value)
        return _call("try", made) if safe else made
    return node


def _bignumeric(value: Tree, safe: bool) -> Tree:
    from sqlglot import exp

    given = exp.cast(value, "text") if isinstance(value, exp.Literal) else value
    made = _call("bq_bignumeric", given)
    return _call("try", made) if safe else made


def _refuse(node: Tree) -> None:
    from sqlglot import exp

    kind = node.to.this
    if node.args.get("format"):
        raise unsupported("CAST with FORMAT")
    if kind in (exp.DType.JSON, exp.DType.INTERVAL) and not isinstance(node.this, exp.Null):
        raise unsupported(f"CAST AS {kind.name}")
    if kind in (exp.DType.ARRAY, exp.DType.STRUCT) and node.to.find(exp.DataTypeParam):
        raise unsupported("CAST to an ARRAY or STRUCT of parameterized types")
    if kind in (exp.DType.TIME, exp.DType.TIMESTAMP) and isinstance(node.this, exp.Literal):
        _refuse_literal(kind.name, node.this.name)


def _refuse_literal(kind: str, text: str) -> None:
    """What DuckDB reads and Google does not."""
    import re

    from emulator.bigquery.errors import invalid_query

    clock = r"([01]?\d|2[0-3]):[0-5]?\d:([0-5]?\d|60)(\.\d{0,9})?"
    shape = clock if kind == "TIME" else rf"\d+-\d+-\d+([ Tt]{clock})?"
    if not re.fullmatch(shape, text):
        raise invalid_query(f'Invalid {"time" if kind == "TIME" else "datetime"} string "{text}"')


def _is_number(value: Tree) -> bool:
    from sqlglot import exp

    value = value.this if isinstance(value, exp.Neg) else value
    return isinstance(value, exp.Literal) and not value.is_string


def _digits(value: Tree) -> str:
    """As it was written: a FLOAT64 would have lost some."""
    from sqlglot import exp

    return f"-{_plain(value.this)}" if isinstance(value, exp.Neg) else _plain(value)


def _plain(value: Tree) -> str:
    return str(value.this).removesuffix("e0")


def _at_most(made: Tree, node: Tree, safe: bool) -> Tree:
    """STRING(n), BYTES(n)"""
    if not node.to.expressions or node.to.this.name not in ("TEXT", "VARBINARY", "BINARY"):
        return made
    checked = _call("bq_at_most", made, node.to.expressions[0].this)
    return _call("try", checked) if safe else checked


_CASTS = {"BIGINT": "int64", "DOUBLE": "float64", "BOOLEAN": "bool", "DECIMAL": "numeric"}
_TIMES = {"TIME": "bq_time", "TIMESTAMP": "bq_datetime"}
