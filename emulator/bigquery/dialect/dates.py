"""Dates and times: parts, truncation, differences, formats (Google: "Date functions" and its
neighbours).

Every session runs in UTC, so a TIMESTAMP without a zone reads as Google reads it.
"""

from __future__ import annotations

import re
from typing import Any

from emulator.bigquery.dialect.formats import formatted, parsed
from emulator.bigquery.errors import unsupported

Tree = Any
DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
PLAIN = ("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND",
         "MICROSECOND")  # fmt: skip
MICROS = {
    "MICROSECOND": 1, "MILLISECOND": 1000, "SECOND": 1_000_000, "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000, "DAY": 86_400_000_000,
}  # fmt: skip


def rewrite_date(node: Tree) -> Tree | None:
    handler = _HANDLERS.get(type(node).__name__)
    return handler(node) if handler else None


def _sql(text: str, **trees: Tree) -> Tree:
    """DuckDB's SQL with the trees in the places of their names."""
    from sqlglot import exp, parse_one

    made = parse_one(text, read="duckdb")
    return exp.replace_placeholders(made, **{k: exp.paren(v.copy()) for k, v in trees.items()})


def unit_of(node: Tree | None, default: str = "DAY") -> str:
    """The name of a part: DAY, WEEK(MONDAY), …"""
    if node is None:
        return default
    if type(node).__name__ == "WeekStart":
        return f"WEEK({node.name.upper()})"
    return str(node.sql(dialect="bigquery")).upper().strip("'")


def _first_day(unit: str) -> int | None:
    """0 for Sunday … of a WEEK."""
    if unit == "WEEK":
        return 0
    if unit == "ISOWEEK":
        return 1
    if unit.startswith("WEEK("):
        return DAYS.index(unit[5:-1])
    return None


def _extract(node: Tree) -> Tree:
    part, value = unit_of(node.this), node.expression
    if part in _PARTS:
        return _sql(_PARTS[part], x=value)
    first = _first_day(part)
    if first is None:
        raise unsupported(f"EXTRACT({part} …)")
    return _sql(f"CAST(bq_week(:x, {first}) AS BIGINT)", x=value)


_PARTS = {
    **{p: f"date_part('{p.lower()}', :x)" for p in PLAIN[:7]},
    "MILLISECOND": "bq_milli(:x)",
    "MICROSECOND": "bq_micro(:x)",
    "DAYOFWEEK": "bq_dow(:x)",
    "DAYOFYEAR": "date_part('doy', :x)",
    "ISOWEEK": "date_part('week', :x)",
    "ISOYEAR": "date_part('isoyear', :x)",
    "DATE": "CAST(:x AS DATE)",
    "TIME": "CAST(:x AS TIME)",
    "DATETIME": "CAST(:x AS TIMESTAMP)",
}


def _truncated(unit: str, value: Tree, kind: str) -> Tree:
    first = _first_day(unit)
    if first is not None:
        return _sql(f"CAST(bq_week_of(:x, {first}) AS {kind})", x=value)
    if unit == "ISOYEAR":
        return _sql(f"CAST(bq_isoyear(:x) AS {kind})", x=value)
    if unit not in PLAIN:
        raise unsupported(f"truncation to {unit}")
    return _sql(f"CAST(date_trunc('{unit.lower()}', :x) AS {kind})", x=value)


def _date_trunc(node: Tree) -> Tree:
    return _truncated(unit_of(node.args.get("unit")), node.this, "DATE")


def _datetime_trunc(node: Tree) -> Tree:
    return _truncated(unit_of(node.args.get("unit")), node.this, "TIMESTAMP")


def _timestamp_trunc(node: Tree) -> Tree:
    unit, zone = unit_of(node.args.get("unit")), node.args.get("zone")
    if zone is None:
        return _truncated(unit, node.this, "TIMESTAMPTZ")
    local = _sql("bq_in_zone(:x, :z)", x=node.this, z=zone)
    return _sql(":x AT TIME ZONE :z", x=_truncated(unit, local, "TIMESTAMP"), z=zone)


def _time_trunc(node: Tree) -> Tree:
    unit = unit_of(node.args.get("unit"))
    if unit not in PLAIN[4:]:
        raise unsupported(f"TIME_TRUNC to {unit}")
    return _sql(f"CAST(date_trunc('{unit.lower()}', DATE '1970-01-01' + :x) AS TIME)", x=node.this)


def _shift(sign: str, kind: str) -> Any:
    def rewrite(node: Tree) -> Tree:
        unit = unit_of(node.args.get("unit"))
        amount = node.expression
        if type(amount).__name__ == "Interval":
            amount, unit = amount.this, unit_of(amount.args.get("unit"), unit)
        if unit not in PLAIN and unit != "WEEK":
            raise unsupported(f"intervals of {unit}")
        return _sql(f"bq_in_years(CAST(:x {sign} {_INTERVALS[unit]} AS {kind}))", x=node.this,
                    n=amount)  # fmt: skip

    return rewrite


_INTERVALS = {
    **{unit: f"to_{unit.lower()}s(CAST(:n AS INTEGER))" for unit in ("YEAR", "MONTH", "DAY")},
    "WEEK": "to_weeks(CAST(:n AS INTEGER))",
    "QUARTER": "to_months(CAST(:n AS INTEGER) * 3)",
    **{unit: f"to_{unit.lower()}s(CAST(:n AS BIGINT))" for unit in ("HOUR", "MINUTE")},
    "SECOND": "to_microseconds(CAST(:n AS BIGINT) * 1000000)",
    "MILLISECOND": "to_microseconds(CAST(:n AS BIGINT) * 1000)",
    "MICROSECOND": "to_microseconds(CAST(:n AS BIGINT))",
}


def _calendar_diff(node: Tree) -> Tree:
    """DATE_DIFF and DATETIME_DIFF count boundaries."""
    unit = unit_of(node.args.get("unit"))
    first = _first_day(unit)
    if first is not None:
        return _sql(f"bq_week_diff(:a, :b, {first})", a=node.this, b=node.expression)
    if unit == "ISOYEAR":
        text = "date_part('isoyear', CAST(:a AS DATE)) - date_part('isoyear', CAST(:b AS DATE))"
    elif unit in PLAIN:
        kind = "DATE" if type(node).__name__ == "DateDiff" else "TIMESTAMP"
        text = f"date_diff('{unit.lower()}', CAST(:b AS {kind}), CAST(:a AS {kind}))"
    else:
        raise unsupported(f"differences in {unit}")
    return _sql(text, a=node.this, b=node.expression)


def _exact_diff(node: Tree) -> Tree:
    """TIMESTAMP_DIFF counts whole units that have passed."""
    unit = unit_of(node.args.get("unit"))
    if unit not in MICROS:
        raise unsupported(f"TIMESTAMP_DIFF in {unit}")
    return _sql(
        f"CAST(trunc(CAST(bq_micros(CAST(:a AS TIMESTAMPTZ), CAST(:b AS TIMESTAMPTZ)) AS HUGEINT)"
        f" // {MICROS[unit]}) AS BIGINT)",
        a=node.this,
        b=node.expression,
    )


def _time_diff(node: Tree) -> Tree:
    return _sql(
        f"date_diff('{unit_of(node.args.get('unit')).lower()}', :b, :a)",
        a=node.this,
        b=node.expression,
    )


def _timestamp(node: Tree) -> Tree:
    zone = node.args.get("zone") or node.args.get("expression")
    if zone is not None:
        return _sql("bq_timestamp_in(:x, :z)", x=node.this, z=zone)
    return _sql("CAST(:x AS TIMESTAMPTZ)", x=node.this)


def _date(node: Tree) -> Tree:
    zone = node.args.get("zone")
    if zone is not None:
        return _sql("CAST(bq_in_zone(:x, :z) AS DATE)", x=node.this, z=zone)
    return _sql("CAST(:x AS DATE)", x=_instant(node.this))


def _instant(value: Tree) -> Tree:
    """A text with an offset is a TIMESTAMP, and its date and time are those of UTC."""
    text = value.this if type(value).__name__ == "Cast" else value
    zoned = re.search(r":\d\d(\.\d+)?\s*([-+]\d|[A-Za-z])", text.name) if text.name else None
    if type(text).__name__ == "Literal" and zoned is not None:
        return _sql("CAST(CAST(:x AS TIMESTAMPTZ) AS TIMESTAMP)", x=text)
    return value


def _time(node: Tree) -> Tree:
    zone = node.args.get("zone")
    if zone is None:
        return _sql("CAST(CAST(:x AS TIMESTAMP) AS TIME)", x=_instant(node.this))
    return _sql("CAST(bq_in_zone(:x, :z) AS TIME)", x=node.this, z=zone)


def _datetime(node: Tree) -> Tree:
    other = node.args.get("expression")
    if other is None:
        return _sql("CAST(:x AS TIMESTAMP)", x=node.this)
    if type(other).__name__ == "Literal" or type(other).__name__ == "Parameter":
        return _sql("bq_in_zone(:x, :z)", x=node.this, z=other)
    return _sql("CAST(CAST(:x AS DATE) + CAST(:z AS TIME) AS TIMESTAMP)", x=node.this, z=other)


def _datetime_parts(node: Tree) -> Tree:
    names = ("year", "month", "day", "hour", "min", "sec")
    given = {k[0:3]: node.args[k] for k in names if node.args.get(k) is not None}
    text = ", ".join(f":{name[0:3]}" for name in names)
    return _sql(f"make_timestamp({text})", **given)


def _time_parts(node: Tree) -> Tree:
    return _sql("make_time(:h, :m, :s)", h=node.args["hour"], m=node.args["min"],
                s=node.args["sec"])  # fmt: skip


def _now(kind: str) -> Any:
    def rewrite(node: Tree) -> Tree:
        from sqlglot import exp

        zone = node.this if node.this is not None else exp.Literal.string("UTC")
        return _sql(f"CAST(bq_in_zone(now(), :z) AS {kind})", z=zone)

    return rewrite


def _from_unix(scale: int) -> Any:
    return lambda node: _sql(f"make_timestamptz(CAST(:x AS BIGINT) * {scale})", x=node.this)


def _unix_to_time(node: Tree) -> Tree:
    scale = int((node.args.get("scale") and node.args["scale"].name) or 0)
    return _from_unix({0: 1_000_000, 3: 1000, 6: 1}[scale])(node)


def _dates_array(node: Tree) -> Tree:
    from sqlglot import exp

    step = node.args.get("step") or node.args.get("interval")
    day = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("DAY"))
    return _sql("bq_generate_dates(:a, :b, :s)", a=node.args["start"], b=node.args["end"],
                s=step or day)  # fmt: skip


def _timestamps_array(node: Tree) -> Tree:
    step = node.args.get("step") or node.args.get("interval")
    return _sql("bq_generate_timestamps(:a, :b, :s)", a=node.args["start"], b=node.args["end"],
                s=step)  # fmt: skip


def _from_unix_date(node: Tree) -> Tree:
    return _sql("CAST(DATE '1970-01-01' + CAST(:x AS INTEGER) AS DATE)", x=node.this)


_HANDLERS: dict[str, Any] = {
    "Extract": _extract,
    "DateTrunc": _date_trunc,
    "DatetimeTrunc": _datetime_trunc,
    "TimestampTrunc": _timestamp_trunc,
    "TimeTrunc": _time_trunc,
    "DateAdd": _shift("+", "DATE"),
    "DateSub": _shift("-", "DATE"),
    "DatetimeAdd": _shift("+", "TIMESTAMP"),
    "DatetimeSub": _shift("-", "TIMESTAMP"),
    "TimestampAdd": _shift("+", "TIMESTAMPTZ"),
    "TimestampSub": _shift("-", "TIMESTAMPTZ"),
    "TimeAdd": _shift("+", "TIME"),
    "TimeSub": _shift("-", "TIME"),
    "DateDiff": _calendar_diff,
    "DatetimeDiff": _calendar_diff,
    "TimestampDiff": _exact_diff,
    "TimeDiff": _time_diff,
    "Timestamp": _timestamp,
    "Date": _date,
    "Datetime": _datetime,
    "TsOrDsToDatetime": _datetime,
    "TimestampFromParts": _datetime_parts,
    "TimeFromParts": _time_parts,
    "TsOrDsToTime": lambda node: _sql("CAST(:x AS TIME)", x=_instant(node.this)),
    "Time": _time,
    "TsOrDsToDate": lambda node: _sql("CAST(:x AS DATE)", x=_instant(node.this)),
    "TsOrDsToTimestamp": lambda node: _sql("CAST(:x AS TIMESTAMPTZ)", x=node.this),
    "CurrentDate": _now("DATE"),
    "CurrentDatetime": _now("TIMESTAMP"),
    "CurrentTime": _now("TIME"),
    "UnixToTime": _unix_to_time,
    "TimestampSeconds": _from_unix(1_000_000),
    "GenerateDateArray": _dates_array,
    "GenerateTimestampArray": _timestamps_array,
    "DateFromUnixDate": _from_unix_date,
    "TimeToStr": formatted,
    "StrToDate": parsed("DATE"),
    "StrToTime": parsed("TIMESTAMPTZ"),
    "ParseDatetime": parsed("TIMESTAMP"),
    "ParseTime": parsed("TIME"),
}
