"""Which of Google's functions exist here, and what each becomes.

A function in neither table is refused by its name: sqlglot would pass it on, and DuckDB may have
another one of that name.
"""

from __future__ import annotations

from typing import Any

from emulator.bigquery.dialect import dates
from emulator.bigquery.dialect.locate import at_node
from emulator.bigquery.dialect.rewrites import NET, REWRITES, concat
from emulator.bigquery.errors import invalid_query, unsupported

Tree = Any
SAME = frozenset(
    """
    And Or Array Struct Unnest Cast TryCast Case If Coalesce Nullif Greatest Least Count
    Min Max AnyValue ApproxDistinct LogicalAnd LogicalOr BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg
    Variance VariancePop Stddev StddevPop StddevSamp CovarPop CovarSamp RowNumber Rank
    DenseRank Lag Lead Ntile FirstValue LastValue NthValue IgnoreNulls RespectNulls Distinct
    PercentRank CumeDist Grouping Exists Abs Sign Exp Sin Cos Tan Asin Acos Atan Atan2 IsNan IsInf
    Rand RegexpLike RegexpExtractAll Chr
    LowerHex Unhex ToBase64 FromBase64 MD5Digest SHA1Digest ArrayReverse ArrayConcat Uuid Date
    DateFromParts CurrentDate CurrentTimestamp LastDay WeekStart Predicate Interval UnixDate
    TsOrDsToDate TsOrDsToTimestamp TsOrDsToDatetime TsOrDsToTime JSONFormat
    """.split()  # noqa: SIM905 - one name a line would hide the rest of the module
)
MACROS = {
    "SafeDivide": "bq_safe_divide",
    "Length": "bq_length",
    "ByteLength": "bq_byte_length",
    "EndsWith": "bq_ends_with",
    "StartsWith": "bq_starts_with",
    "Upper": "bq_upper",
    "Lower": "bq_lower",
    "Left": "bq_left",
    "Right": "bq_right",
    "ToCodePoints": "bq_to_code_points",
    "CodePointsToString": "bq_code_points_to_string",
    "Sqrt": "bq_sqrt",
    "Ln": "bq_ln",
    "Soundex": "bq_soundex",
    "ArraySize": "len",
    "BitwiseCount": "bq_bit_count",
    "UnixSeconds": "bq_unix_seconds",
    "UnixMillis": "bq_unix_millis",
    "UnixMicros": "epoch_us",
    "Reverse": "bq_reverse",
    "Unicode": "bq_unicode",
    "Ascii": "bq_ascii",
    "Ceil": "bq_ceil",
    "Floor": "bq_floor",
    "Pow": "bq_pow",
    "Cbrt": "bq_cbrt",
    "Cosh": "cosh",
    "Sinh": "sinh",
    "Tanh": "tanh",
    "Acosh": "acosh",
    "Asinh": "asinh",
    "Atanh": "atanh",
    "Cot": "bq_cot",
    "Sec": "bq_sec",
    "Csc": "bq_csc",
    "SafeAdd": "bq_safe_add",
    "SafeSubtract": "bq_safe_sub",
    "SafeMultiply": "bq_safe_mul",
    "SafeNegate": "bq_safe_neg",
    "RangeBucket": "bq_range_bucket",
    "IntDiv": "bq_div",
    "ArrayFirst": "bq_array_first",
    "ArrayLast": "bq_array_last",
    "CodePointsToBytes": "bq_bytes_of",
    "FromBase32": "bq_from_base32",
    "ToBase32": "bq_to_base32",
    "SafeConvertBytesToString": "bq_safe_text",
    "JustifyHours": "bq_justify_hours",
    "JustifyDays": "bq_justify_days",
    "JustifyInterval": "bq_justify",
    "JSONType": "bq_json_type",
    "ParseNumeric": "bq_as_numeric",
    "ParseBignumeric": "bq_as_bignumeric",
}
NAMED = {
    "IEEE_DIVIDE": "bq_ieee_divide",
    "RANGE_BUCKET": "bq_range_bucket",
    "CONTAINS_SUBSTR": "bq_contains_substr",
    "ERROR": "error",
    "ARRAY_IS_DISTINCT": "bq_array_distinct",
    "PARSE_BIGNUMERIC": "bq_as_bignumeric",
    "BIT_COUNT": "bq_bit_count",
    "JSON_TYPE": "bq_json_type",
    "UNIX_SECONDS": "bq_unix_seconds",
}


def call(name: str, *args: Tree) -> Tree:
    from sqlglot import exp

    return exp.Anonymous(this=name, expressions=[a for a in args if a is not None])


_EXACT = ("Sqrt", "Ceil", "Floor", "Pow", "IntDiv")
"""That keep nine digits after the point, which is too few of a BIGNUMERIC."""


def exact(node: Tree) -> Tree:
    """A BIGNUMERIC here is refused while the query runs: types are known no earlier."""
    from sqlglot import exp

    return node if isinstance(node, exp.Literal | exp.Neg | exp.Null) else call("bq_exact", node)


def rewrite_function(node: Tree, source: str) -> Tree:
    """What stands for `node` in DuckDB; a function that is not known here is refused."""
    from sqlglot import exp

    kind = type(node).__name__
    if isinstance(node, exp.Anonymous):
        return _named(node, source)
    if special := REWRITES.get(kind):
        return special(node)
    if special := _SPECIAL.get(kind):
        return special(node)
    if kind in MACROS:
        given = _arguments(node)
        return call(MACROS[kind], *(map(exact, given) if kind in _EXACT else given))
    if rewritten := dates.rewrite_date(node):
        return rewritten
    if kind in SAME:
        return node
    raise _unknown(node.meta.get("bigquery_name") or node.sql_name(), node, source)


def _named(node: Tree, source: str) -> Tree:
    name = node.name.upper()
    if name.startswith("BQ_"):
        raise invalid_query(f"Function not found: {node.name}", at_node(source, node))
    if type(node.parent).__name__ == "NetFunc":
        if name not in NET:
            raise _unknown(f"NET.{name}", node, source)
        return call(NET[name], *node.expressions)
    if name in NAMED:
        return call(NAMED[name], *node.expressions)
    raise _unknown(node.name, node, source)


def _unknown(name: str, node: Tree, source: str) -> Exception:
    return unsupported(f"the function {name.upper()}", at_node(source, node))


def _arguments(node: Tree) -> list[Tree]:
    found = [node.this, node.args.get("expression"), *(node.args.get("expressions") or [])]
    return [a for a in found if a is not None and hasattr(a, "walk")]


def _substring(node: Tree) -> Tree:
    start, length = node.args.get("start"), node.args.get("length")
    name = "bq_substr_for" if length is not None else "bq_substr"
    return call(name, node.this, start, length)


def _slice(node: Tree) -> Tree:
    return call("bq_array_slice", node.this, node.args["start"], node.args["end"])


def _position(node: Tree) -> Tree:
    from sqlglot import exp

    position, occurrence = node.args.get("position"), node.args.get("occurrence")
    if position is None and occurrence is None:
        return call("bq_strpos", node.this, node.args["substr"])
    one = exp.Literal.number(1)
    return call("bq_instr_of", node.this, node.args["substr"], position or one, occurrence or one)


def _pad(node: Tree) -> Tree:
    name = "bq_lpad" if node.args.get("is_left") else "bq_rpad"
    fill = node.args.get("fill_pattern")
    if fill is None:
        return call(name, node.this, node.expression)
    return call(name, node.this, node.expression, fill)


def _trim(node: Tree) -> Tree:
    side = {"LEADING": "l", "TRAILING": "r"}.get(str(node.args.get("position") or "").upper(), "")
    return call(f"bq_{side}trim", node.this, node.expression)


def _repeat(node: Tree) -> Tree:
    return call("bq_repeat", node.this, node.args["times"])


def _replace(node: Tree) -> Tree:
    return call("bq_replace", node.this, node.expression, node.args["replacement"])


def _split(node: Tree) -> Tree:
    from sqlglot import exp

    return call("bq_split", node.this, node.expression or exp.Literal.string(","))


def _initcap(node: Tree) -> Tree:
    from sqlglot import exp

    usual = exp.Literal.string(' \t\r\n\f\v[](){}/|<>!?@"^#$&~_,.:;*%+-')
    return call("bq_initcap", node.this, node.expression or usual)


def _contains(node: Tree) -> Tree:
    """CONTAINS_SUBSTR: sqlglot has put LOWER around both, which is `bq_lower` by now."""
    value, part = node.this.expressions[0], node.expression.expressions[0]
    return call("bq_contains_substr", value, part)


def _log(node: Tree) -> Tree:
    base, value = node.this, node.args.get("expression")
    return call("bq_log", value, base) if value is not None else call("bq_ln", base)


def _generate(node: Tree) -> Tree:
    from sqlglot import exp

    step = node.args.get("step") or exp.Literal.number(1)
    return call("bq_generate_array", node.args["start"], node.args["end"], step)


def _array_text(node: Tree) -> Tree:
    null = node.args.get("null")
    name = "bq_array_to_string_or" if null is not None else "bq_array_to_string"
    return call(name, node.this, node.expression, null)


def _regexp_replace(node: Tree) -> Tree:
    """Every match, not the first."""
    from sqlglot import exp

    every = exp.Literal.string("g")
    return call("regexp_replace", node.this, node.expression, node.args["replacement"], every)


def _sha2(node: Tree) -> Tree:
    data = call("bq_as_bytes", node.this)
    if (node.args.get("length") or node).name == "512":
        return call("bq_sha512", data)
    return call("unhex", call("sha256", data))


def _text_of(node: Tree) -> Tree:
    from sqlglot import exp

    return exp.cast(node, "text")


def _json_scalar(node: Tree) -> Tree:
    return call("bq_json_value", _text_of(node.this), _path(node))


def _json_query(node: Tree) -> Tree:
    return call("bq_json_extract", _as_text(node.this), _path(node))


def _json_array(node: Tree) -> Tree:
    return call("bq_json_list", _as_text(node.this), _path(node))


def _as_text(node: Tree) -> Tree:
    """A literal is a STRING, though DuckDB would take it for a JSON as well."""
    return _text_of(node) if type(node).__name__ == "Literal" else node


def _json_strings(node: Tree) -> Tree:
    return call("bq_json_strings", _text_of(node.this), _path(node))


def _translate(node: Tree) -> Tree:
    """Each character once: Google refuses a second."""
    from sqlglot import exp

    source = node.args["from_"]
    if isinstance(source, exp.Literal) and len(set(source.name)) < len(source.name):
        raise invalid_query("Duplicate character in source characters of TRANSLATE")
    if not isinstance(source, exp.Literal):
        raise unsupported("TRANSLATE with source characters that are not a literal")
    return node


def _path(node: Tree) -> Tree:
    from sqlglot import exp

    path = node.args.get("expression")
    if path is None:
        return exp.Literal.string("$")
    if isinstance(path, exp.JSONPath):
        return exp.Literal.string(path.sql(dialect="bigquery")[1:-1].replace("\\'", "'"))
    return path


def _to_json_string(node: Tree) -> Tree:
    from sqlglot import exp

    options = node.args.get("options")
    if options is not None and not (isinstance(options, exp.Boolean) and not options.this):
        name = "TO_JSON" if node.args.get("to_json") else "TO_JSON_STRING"
        raise unsupported(f"options of {name}")
    if node.args.get("to_json"):
        return call("bq_json_of", node.this)
    return exp.cast(call("bq_as_json", node.this), "text")


_SPECIAL: dict[str, Any] = {
    "Concat": concat,
    "ArraySlice": _slice,
    "Substring": _substring,
    "StrPosition": _position,
    "Pad": _pad,
    "Trim": _trim,
    "Translate": _translate,
    "Repeat": _repeat,
    "Replace": _replace,
    "Split": _split,
    "Initcap": _initcap,
    "Contains": _contains,
    "Log": _log,
    "GenerateSeries": _generate,
    "ArrayToString": _array_text,
    "RegexpReplace": _regexp_replace,
    "SHA2Digest": _sha2,
    "JSONValue": _json_scalar,
    "JSONExtractScalar": _json_scalar,
    "JSONExtract": _json_query,
    "JSONExtractArray": _json_array,
    "JSONValueArray": _json_strings,
    "JSONFormat": _to_json_string,
}
