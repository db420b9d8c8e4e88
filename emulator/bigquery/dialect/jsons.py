"""JSON functions for DuckDB (Google: "JSON functions")."""

from __future__ import annotations

from typing import Any

from emulator.bigquery.errors import unsupported

Tree = Any


def _sql(text: str, **trees: Tree) -> Tree:
    from emulator.bigquery.dialect.dates import _sql as made

    return made(text, **trees)


def _call(name: str, *args: Tree) -> Tree:
    from emulator.bigquery.dialect.functions import call

    return call(name, *args)


def _number(value: int) -> Tree:
    from sqlglot import exp

    return exp.Literal.number(value)


def to_json(node: Tree) -> Tree:
    return _call("bq_json_of", node.this)


def json_array(node: Tree) -> Tree:
    items = ", ".join(f":v{n}" for n in range(len(node.expressions)))
    given = {f"v{n}": _call("bq_as_json", item) for n, item in enumerate(node.expressions)}
    if not given:
        return _sql("CAST('[]' AS JSON)")
    return _sql(f"CAST(bq_parse_json('[' || concat_ws(',', {items}) || ']') AS JSON)", **given)


def _is_array(key: Tree) -> bool:
    from sqlglot import exp

    return isinstance(key, exp.Cast) and key.to.this == exp.DType.ARRAY


def json_object(node: Tree) -> Tree:
    pairs = [(p.this, p.expression) for p in node.expressions
             if type(p).__name__ == "JSONKeyValue"]  # fmt: skip
    if len(pairs) != len(node.expressions) or any(map(_is_array, (key for key, _ in pairs))):
        raise unsupported("JSON_OBJECT of two arrays")
    if not pairs:
        return _sql("CAST('{}' AS JSON)")
    text: list[str] = []
    given: dict[str, Tree] = {}
    for n, (key, value) in enumerate(pairs):
        text.append(f"CAST(to_json(:k{n}) AS VARCHAR) || ':' || :v{n}")
        given |= {f"k{n}": key, f"v{n}": _call("bq_as_json", value)}
    inner = " || ',' || ".join(text)
    return _sql(f"CAST(bq_parse_json('{{' || {inner} || '}}') AS JSON)", **given)


def json_change(name: str) -> Any:
    """JSON_SET and its neighbours: path after path, value after value."""
    each = ", suffix(typeof(:x), '[]')" if name != "bq_json_set" else ""

    def rewrite(node: Tree) -> Tree:
        from sqlglot import exp

        made, given = node.this, list(node.expressions)
        if any(isinstance(item, exp.Kwarg) for item in given):
            raise unsupported(f"options of {node.sql_name()}")
        for at in range(0, len(given), 2):
            made = _sql(f"CAST({name}(CAST(:j AS VARCHAR), :p, :v{each}) AS JSON)", j=made,
                        p=given[at], v=_call("bq_as_json", given[at + 1]),
                        **({"x": given[at + 1]} if each else {}))  # fmt: skip
        return made

    return rewrite


def json_remove(node: Tree) -> Tree:
    made = node.this
    for path in node.expressions:
        made = _sql("CAST(bq_json_removed(CAST(:j AS VARCHAR), :p) AS JSON)", j=made, p=path)
    return made


def json_strip(node: Tree) -> Tree:
    if any(node.args.get(name) is not None for name in ("expression", "include_arrays",
                                                        "remove_empty")):  # fmt: skip
        raise unsupported("options of JSON_STRIP_NULLS")
    return _sql("CAST(bq_json_strip_nulls(CAST(:j AS VARCHAR)) AS JSON)", j=node.this)


def json_keys(node: Tree) -> Tree:
    depth = node.args.get("expression")
    if node.args.get("mode") is not None or type(depth).__name__ == "Kwarg":
        raise unsupported("options of JSON_KEYS")
    return _sql("bq_json_keys(CAST(:j AS VARCHAR), :d)", j=node.this,
                d=depth if depth is not None else _number(10_000))  # fmt: skip


def of_json(name: str) -> Any:
    def rewrite(node: Tree) -> Tree:
        if node.args.get("expression") is not None or node.args.get("expressions"):
            raise unsupported(f"options of {node.sql_name()}")
        return _sql(f"{name}(CAST(:j AS VARCHAR))", j=node.this)

    return rewrite


def parse_json(node: Tree) -> Tree:
    mode = node.expression
    if mode is not None and mode.expression.name.lower() != "exact":
        raise unsupported("PARSE_JSON with wide_number_mode")
    return _sql("CAST(bq_parse_json(CAST(:j AS VARCHAR)) AS JSON)", j=node.this)


def string(node: Tree) -> Tree:
    """STRING: of a JSON text, or of a time."""
    zone = node.args.get("zone")
    return _call("bq_json_text", node.this) if zone is None else _call("bq_string_in", node.this,
                                                                       zone)  # fmt: skip


JSON_REWRITES: dict[str, Any] = {
    "ToJson": to_json,
    "ToJSON": to_json,
    "JSONCast": to_json,
    "JSONArray": json_array,
    "JSONObject": json_object,
    "JSONSet": json_change("bq_json_set"),
    "JSONArrayAppend": json_change("bq_json_append"),
    "JSONArrayInsert": json_change("bq_json_insert"),
    "JSONRemove": json_remove,
    "JSONStripNulls": json_strip,
    "JSONKeysAtDepth": json_keys,
    "JSONBool": of_json("bq_json_bool"),
    "Int64": of_json("bq_json_int64"),
    "Float64": of_json("bq_json_float64"),
    "LaxInt64": of_json("bq_lax_int64"),
    "LaxFloat64": of_json("bq_lax_float64"),
    "LaxBool": of_json("bq_lax_bool"),
    "LaxString": of_json("bq_lax_string"),
    "ParseJSON": parse_json,
    "String": string,
}
