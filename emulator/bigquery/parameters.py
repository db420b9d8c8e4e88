"""Query parameters → literals of their types (Google: "Running parameterized queries")."""

from __future__ import annotations

from typing import Any

from emulator.bigquery.errors import invalid, invalid_query

Json = Any
Tree = Any


def values_of(given: list[dict[str, Json]]) -> dict[str, Tree]:
    """By name, or by place for positional ones."""
    return {
        (one.get("name") or str(at)).lower(): literal(
            one["parameterType"], one.get("parameterValue") or {}
        )
        for at, one in enumerate(given)
    }


def literal(kind: dict[str, Json], value: dict[str, Json]) -> Tree:
    """A GoogleSQL expression."""
    from sqlglot import parse_one

    return parse_one(_text(kind, value), read="bigquery")


def _text(kind: dict[str, Json], value: dict[str, Json]) -> str:
    name = kind["type"].upper()
    if name == "ARRAY":
        inner = kind["arrayType"]
        items = ", ".join(_text(inner, item) for item in value.get("arrayValues") or [])
        return f"CAST([{items}] AS {type_text(kind)})"
    if name in ("STRUCT", "RECORD"):
        values = value.get("structValues") or {}
        inside = [f"{_text(f['type'], values.get(f['name']) or {})} AS `{f['name']}`"
                  for f in kind.get("structTypes") or []]  # fmt: skip
        return f"STRUCT({', '.join(inside)})"
    scalar = value.get("value")
    if scalar is None:
        return f"CAST(NULL AS {name})"
    return _scalar(name, str(scalar))


def _scalar(name: str, scalar: str) -> str:
    if name in ("INT64", "INTEGER"):
        if not scalar.lstrip("-").isdigit():
            raise invalid(f"Invalid value for parameter of type INT64: '{scalar}'")
        return f"CAST({scalar} AS INT64)"
    escaped = scalar.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    if name == "BYTES":
        return f"FROM_BASE64('{escaped}')"
    if name == "STRING":
        return f"'{escaped}'"
    if name == "JSON":
        return f"PARSE_JSON('{escaped}')"
    return f"CAST('{escaped}' AS {name})"


def type_text(kind: dict[str, Json]) -> str:
    name: str = kind["type"].upper()
    if name == "ARRAY":
        return f"ARRAY<{type_text(kind['arrayType'])}>"
    if name in ("STRUCT", "RECORD"):
        inside = [f"`{f['name']}` {type_text(f['type'])}" for f in kind.get("structTypes") or []]
        return f"STRUCT<{', '.join(inside)}>"
    return name


def put_in(tree: Tree, values: dict[str, Tree]) -> None:
    """Parameters become their values, in the order in which they are written."""
    from sqlglot import exp

    at = 0
    for node in list(tree.find_all(exp.Parameter, exp.Placeholder, bfs=False)):
        if isinstance(node, exp.Placeholder):
            name, at = str(at), at + 1
        else:
            name = node.name.lower()
        if name not in values:
            shown = "Query parameter not found"
            raise invalid_query(f"{shown}: {name}" if name.isdigit() else
                                f"Query parameter '{name}' not found")  # fmt: skip
        node.replace(exp.paren(values[name].copy()))
