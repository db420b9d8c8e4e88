"""Functions whose arguments are put differently for DuckDB, by family."""

from __future__ import annotations

import re
from typing import Any

from emulator.bigquery.dialect.jsons import JSON_REWRITES
from emulator.bigquery.dialect.nans import least as least_of
from emulator.bigquery.dialect.statistics import least, spread, together
from emulator.bigquery.errors import invalid_query, unsupported

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


# -- aggregates ---------------------------------------------------------------------------------


def sum_of(node: Tree) -> Tree:
    """DuckDB's sum of INT64 is wider than INT64: back to it, or an overflow."""
    if in_window(node) or in_pivot(node):
        return node
    value = node.this.expressions[0] if type(node.this).__name__ == "Distinct" else node.this
    return _call("bq_total", node.copy(), _call("bool_or", _call("bq_is_inf", value.copy())))


def window(node: Tree) -> Tree:
    inner = type(node.this).__name__
    if inner == "IgnoreNulls":
        inner = type(node.this.this).__name__
    if inner == "Avg":
        return _average_over(node)
    if inner == "Corr":
        return _sql("CASE WHEN isnan(:x) THEN NULL ELSE :x END", x=node)
    if inner in STATISTICS:
        return _call("bq_held", node.copy())
    return _call("bq_small", node.copy()) if inner == "Sum" else node


def _average_over(node: Tree) -> Tree:
    """Of NUMERICs it would be a FLOAT64: refused while the query runs."""
    from sqlglot import exp

    found = node.find(exp.Avg)
    if found is not None and isinstance(found.this, exp.Distinct):
        inner = _call("bq_inexact", found.this.expressions[0].copy())
        found.set("this", exp.Distinct(expressions=[inner]))
    elif found is not None:
        found.set("this", _call("bq_inexact", found.this.copy()))
    return node


def count_if(node: Tree) -> Tree:
    """0 where there is nothing to count."""
    from sqlglot import exp

    distinct = isinstance(node.this, exp.Distinct)
    condition = node.this.expressions[0] if distinct else node.this
    true = exp.Case(ifs=[exp.If(this=condition.copy(), true=exp.true())])
    return exp.Count(this=exp.Distinct(expressions=[true]) if distinct else true)


def count_distinct(node: Tree) -> Tree:
    """APPROX_COUNT_DISTINCT is exact of few values: here of all."""
    from sqlglot import exp

    return exp.Count(this=exp.Distinct(expressions=[node.this]))


def correlation(node: Tree) -> Tree:
    sides = [_call("bq_finite", side.copy()) for side in (node.this, node.expression)]
    if not in_window(node):
        return _call("bq_corr", *sides)
    node.set("this", sides[0])
    node.set("expression", sides[1])
    return node


def in_window(node: Tree) -> bool:
    from sqlglot import exp

    return isinstance(node.parent, exp.Window | exp.Filter | exp.IgnoreNulls | exp.RespectNulls)


def in_pivot(node: Tree) -> bool:
    """Where there may be one aggregate only."""
    from sqlglot import exp

    return isinstance(node.find_ancestor(exp.Pivot, exp.Select), exp.Pivot)


def average(node: Tree) -> Tree:
    plain = type(node.this).__name__ != "Distinct" and not in_window(node)
    return _call("bq_avg", _exact(node.this)) if plain else node


def array_agg(node: Tree) -> Tree:
    """With a LIMIT: the first of the list."""
    found = next((n for n in (node.this, getattr(node.this, "this", None))
                  if type(n).__name__ == "Limit"), None)  # fmt: skip
    if found is None:
        return node
    most = found.expression
    found.replace(found.this)
    return _sql("list_slice(:x, 1, :n)", x=node, n=most)


def string_agg(node: Tree) -> Tree:
    from sqlglot import exp

    if type(node.this).__name__ != "Limit":
        return node
    limit, separator = node.this, node.args.get("separator") or exp.Literal.string(",")
    items = exp.ArrayAgg(this=limit.this)
    return _sql("array_to_string(list_slice(list_filter(:x, lambda e: e is not null), 1, :n), :s)",
                x=items, n=limit.expression, s=separator)  # fmt: skip


def quantiles(node: Tree) -> Tree:
    """Exact ones, which APPROX_QUANTILES may give as well."""
    from sqlglot import exp

    inner, count = node.this, node.args.get("expression")
    if isinstance(inner, exp.Distinct):
        value, count = inner.expressions
        inner = exp.Distinct(expressions=[value])
    if not isinstance(count, exp.Literal):
        raise unsupported("APPROX_QUANTILES with a number that is not a literal")
    steps = int(count.name)
    points = ", ".join(f"{n / steps!r}" for n in range(steps + 1))
    listed = exp.Array(expressions=[exp.Literal.number(p) for p in points.split(", ")])
    return exp.Anonymous(this="quantile_disc", expressions=[inner, listed])


def top_count(node: Tree) -> Tree:
    return _sql("bq_top_count(list(:x), :n)", x=node.this, n=node.expression)


def top_sum(node: Tree) -> Tree:
    return _sql("bq_top_sum(list({'x': :x, 'w': :w}), :n)", x=node.this, w=node.expression,
                n=node.args["count"])  # fmt: skip


def percentile(node: Tree) -> Tree:
    name = "quantile_cont" if type(node).__name__ == "PercentileCont" else "quantile_disc"
    if not in_window(node):
        raise unsupported(f"{node.sql_name()} without OVER")
    if "DECIMAL" in node.expression.sql(dialect="duckdb"):
        raise unsupported(f"{node.sql_name()} with a NUMERIC fraction")
    value = (
        _sql("bq_finite(CAST(bq_inexact(:x) AS DOUBLE))", x=node.this)
        if name == "quantile_cont"
        else node.this
    )
    return _call(name, value, node.expression)


# -- strings ------------------------------------------------------------------------------------


def format_text(node: Tree) -> Tree:
    from sqlglot import exp

    texts = exp.Array(expressions=[
        exp.cast(_call("bq_shown", _typed(v)), "text") for v in node.expressions])  # fmt: skip
    kinds = exp.Array(expressions=[_call("typeof", v.copy()) for v in node.expressions])
    return _sql("bq_format(:p, CAST(:t AS VARCHAR[]), CAST(:k AS VARCHAR[]))", p=node.this,
                t=texts, k=kinds)  # fmt: skip


def _typed(node: Tree) -> Tree:
    """A bare NULL has no type, and overloads go by types."""
    from sqlglot import exp

    return exp.cast(node, "text") if isinstance(node, exp.Null) else node


def regexp_extract(node: Tree) -> Tree:
    position, occurrence = node.args.get("position"), node.args.get("occurrence")
    pattern = node.expression
    if position is None and occurrence is None and type(pattern).__name__ == "Literal":
        every = _call("regexp_extract_all", node.this, pattern, _number(_groups(pattern)))
        return _sql("list_extract(:x, 1)", x=every)
    one = _number(1)
    return _call("bq_regexp_at", node.this, pattern, position or one, occurrence or one)


def _groups(pattern: Tree) -> int:
    try:
        return re.compile(pattern.name).groups
    except re.error:
        return 0


def regexp_instr(node: Tree) -> Tree:
    one = _number(1)
    return _call(
        "bq_regexp_instr",
        node.this,
        node.expression,
        node.args.get("position") or one,
        node.args.get("occurrence") or one,
        node.args.get("option") or _number(0),
    )


def normalize(node: Tree) -> Tree:
    from sqlglot import exp

    given = node.args.get("form")
    form = given.name if isinstance(given, exp.Expression) else "NFC"
    name = "bq_casefold" if node.args.get("is_casefold") else "bq_normalize"
    return _call(name, node.this, exp.Literal.string(form.upper()))


def edit_distance(node: Tree) -> Tree:
    most = node.args.get("max_dist")
    text = "least(levenshtein(:a, :b), :n)" if most is not None else "levenshtein(:a, :b)"
    given = {"n": most} if most is not None else {}
    return _sql(text, a=node.this, b=node.expression, **given)


def concat(node: Tree) -> Tree:
    """NULL makes the whole NULL, and numbers may stand among the texts."""
    items = [_call("bq_joined", _typed(item)) for item in node.expressions]
    made = items[0]
    for item in items[1:]:
        made = _sql(":a || :b", a=made, b=item)
    return made


# -- numbers ------------------------------------------------------------------------------------


def _exact(node: Tree) -> Tree:
    from emulator.bigquery.dialect.functions import exact

    return exact(node)


def rounded(node: Tree) -> Tree:
    places, mode = node.args.get("decimals"), node.args.get("truncate")
    value = _exact(node.this)
    if type(mode).__name__ == "Null":
        return _sql("CASE WHEN FALSE THEN :x END", x=value)
    if mode is not None and mode.name.upper() == "ROUND_HALF_EVEN":
        return _sql("bq_half_even(CAST(:x AS DECIMAL(38, 9)), :n)", x=value, n=places)
    return _call("bq_round_to", value, places) if places is not None else _call("bq_round", value)


def truncated(node: Tree) -> Tree:
    places, value = node.args.get("decimals"), _exact(node.this)
    return _call("bq_trunc_to", value, places) if places is not None else _call("bq_trunc", value)


# -- intervals ----------------------------------------------------------------------------------

_PARTS = ("year", "month", "day", "hour", "minute", "second")
_INTERVAL = re.compile(
    r"(?:(?P<ys>[-+]?)(?P<y>\d+)-(?P<mo>\d+))?\s*(?P<d>(?<![\d:.])[-+]?\d+(?![\d:.-]))?\s*"
    r"(?:(?P<ts>[-+]?)(?P<h>\d+):(?P<mi>\d+)(?::(?P<s>\d+(?:\.\d+)?))?)?"
)


def interval(node: Tree) -> Tree:
    """INTERVAL '…' a TO b; plain ones are DuckDB's as well."""
    unit = node.args.get("unit")
    if re.search(r"\.\d{6}\d*[1-9]", node.this.name):
        raise unsupported("INTERVAL with nanoseconds")
    if type(unit).__name__ != "IntervalSpan":
        return node
    found = _INTERVAL.fullmatch(node.this.name.strip())
    if found is None:
        raise invalid_query(f"Invalid INTERVAL value '{node.this.name}'")
    months = (int(found["y"] or 0) * 12 + int(found["mo"] or 0)) * _sign(found["ys"])
    clock = int(found["h"] or 0) * 3600 + int(found["mi"] or 0) * 60
    micros = round((clock + float(found["s"] or 0)) * 1e6) * _sign(found["ts"])
    return _sql(f"(to_months({months}) + to_days({int(found['d'] or 0)}) + "
                f"to_microseconds({micros}))")  # fmt: skip


def _sign(text: str | None) -> int:
    return -1 if text == "-" else 1


def make_interval(node: Tree) -> Tree:
    given = {}
    for name in _PARTS:
        value = node.args.get(name)
        if value is not None:
            given[name] = value.expression if type(value).__name__ == "Kwarg" else value
    texts = [f"to_{n}s(CAST(:{n} AS {'BIGINT' if n in _PARTS[3:] else 'INTEGER'}))" for n in given]
    return _sql(f"bq_interval_within({' + '.join(texts) or 'to_days(0)'})", **given)


STATISTICS = ("Variance", "VariancePop", "Stddev", "StddevPop", "StddevSamp", "CovarPop",
              "CovarSamp")  # fmt: skip
REWRITES: dict[str, Any] = {
    **dict.fromkeys(STATISTICS[:5], spread),
    **dict.fromkeys(STATISTICS[5:], together),
    "Min": least,
    "Least": least_of,
    "ApproxDistinct": count_distinct,
    "Sum": sum_of,
    "Avg": average,
    "CountIf": count_if,
    "Corr": correlation,
    "Window": window,
    "ArrayAgg": array_agg,
    "GroupConcat": string_agg,
    "ApproxQuantiles": quantiles,
    "ApproxTopK": top_count,
    "ApproxTopSum": top_sum,
    "PercentileCont": percentile,
    "PercentileDisc": percentile,
    "ArrayConcatAgg": lambda node: _sql("flatten(list(:x))", x=node.this),
    "ArgMax": lambda node: _call("arg_max", node.this, node.expression),
    "ArgMin": lambda node: _call("arg_min", node.this, node.expression),
    "Format": format_text,
    "RegexpExtract": regexp_extract,
    "RegexpInstr": regexp_instr,
    "Normalize": normalize,
    "Levenshtein": edit_distance,
    "Round": rounded,
    "Trunc": truncated,
    **JSON_REWRITES,
    "MakeInterval": make_interval,
    "MD5": lambda node: _call("md5", node.this),
    "SHA2": lambda node: _call("sha256", _call("bq_as_bytes", node.this)),
    "FarmFingerprint": lambda node: _call("bq_farm", _call("bq_as_bytes", node.expressions[0])),
    "SafeFunc": lambda node: _call("try", node.this),
    "NetFunc": lambda node: node.this,
    "Host": lambda node: _call("bq_net_host", node.this),
    "RegDomain": lambda _: _refused("the function NET.REG_DOMAIN"),
}
NET = {
    "IP_FROM_STRING": "bq_net_ip", "SAFE_IP_FROM_STRING": "bq_net_safe_ip",
    "IP_TO_STRING": "bq_net_text", "IP_TRUNC": "bq_net_trunc", "IP_NET_MASK": "bq_net_mask",
    "IPV4_FROM_INT64": "bq_net_of_int", "IPV4_TO_INT64": "bq_net_to_int", "HOST": "bq_net_host",
}  # fmt: skip


def _refused(what: str) -> Tree:
    raise unsupported(what)
