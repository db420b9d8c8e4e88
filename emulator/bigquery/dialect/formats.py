"""Formats of dates and times (Google: "Format elements for date and time parts").

A format must be a literal, and each of its elements one that means the same here; the others
are refused by name.
"""

from __future__ import annotations

import re
from typing import Any

from emulator.bigquery.errors import unsupported

Tree = Any
_ELEMENT = re.compile(r"%E(?:\d|\*)S|%E4Y|%Ez|%[A-Za-z%+]")
SAME = frozenset(
    [
        "%Y",
        "%m",
        "%d",
        "%H",
        "%M",
        "%S",
        "%y",
        "%j",
        "%a",
        "%A",
        "%b",
        "%B",
        "%I",
        "%p",
        "%U",
        "%W",
        "%V",
        "%G",
        "%u",
        "%w",
        "%%",
    ]
)
WRITE = {
    "%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%D": "%m/%d/%y", "%x": "%m/%d/%y", "%X": "%H:%M:%S",
    "%R": "%H:%M", "%h": "%b", "%E4Y": "%Y", "%E6S": "%S.%f", "%E3S": "%S.%g", "%t": "\t",
    "%n": "\n", "%E0S": "%S",
}  # fmt: skip
COMPUTED = {
    "%e": "lpad(CAST(date_part('day', :x) AS VARCHAR), 2, ' ')",
    "%k": "lpad(CAST(date_part('hour', :x) AS VARCHAR), 2, ' ')",
    "%Q": "CAST(date_part('quarter', :x) AS VARCHAR)",
    "%s": "CAST(epoch_us(:x) // 1000000 AS VARCHAR)",
    "%C": "lpad(CAST(date_part('year', :x) // 100 AS VARCHAR), 2, '0')",
    "%E*S": "strftime(:x, '%S') || regexp_replace(strftime(:x, '.%f'), '\\.?0+$', '')",
}
READ = {
    **WRITE,
    "%c": "%a %b %-d %H:%M:%S %Y",
    "%e": "%-d",
    "%E*S": "%S.%f",
    "%Ez": "%z",
    "%E6S": "%S.%f",
}
READABLE = frozenset(
    ["%Y", "%m", "%d", "%H", "%M", "%S", "%y", "%j", "%a", "%A", "%b", "%B", "%I", "%p", "%z", "%%"]
)


def formatted(node: Tree) -> Tree:
    """FORMAT_DATE, FORMAT_DATETIME, FORMAT_TIMESTAMP, FORMAT_TIME."""
    from sqlglot import exp

    source, zone = node.this, node.args.get("zone")
    inner, kind = source.this, type(source).__name__
    value = _value(inner, kind, zone)
    pieces = [_piece(text, value, kind, zone) for text in _split(_text(node.args["format"]))]
    made = pieces[0]
    for piece in pieces[1:]:
        made = exp.DPipe(this=made, expression=piece, safe=False)
    return exp.paren(made)


def _value(inner: Tree, kind: str, zone: Tree | None) -> Tree:
    if kind == "TsOrDsToTimestamp":
        from sqlglot import exp

        where = zone if zone is not None else exp.Literal.string("UTC")
        return _sql("bq_in_zone(:x, :z)", x=inner, z=where)
    if kind == "TsOrDsToTime":
        return _sql("(DATE '1970-01-01' + CAST(:x AS TIME))", x=inner)
    to = "DATE" if kind == "TsOrDsToDate" else "TIMESTAMP"
    return _sql(f"CAST(:x AS {to})", x=inner)


def _piece(text: str, value: Tree, kind: str, zone: Tree | None) -> Tree:
    if text in COMPUTED:
        return _sql(COMPUTED[text], x=value)
    if text == "%Z" and kind == "TsOrDsToTimestamp":
        if zone is not None and zone.name.upper() not in ("UTC", "+00", "+00:00"):
            raise unsupported("the format element %Z of a time zone other than UTC")
        text = "UTC"
    if text in ("%z", "%Ez") and zone is not None:
        raise unsupported(f"the format element {text} of a time zone other than UTC")
    if text in ("%z", "%Ez") and kind == "TsOrDsToTimestamp" and zone is None:
        text = "+0000" if text == "%z" else "+00:00"
    return _sql("strftime(:x, '" + text.replace("'", "''") + "')", x=value)


def _split(text: str) -> list[str]:
    """Stretches that strftime writes as one, and elements that are computed."""
    made, last = [""], 0
    text = text.replace("%c", "%a %b %e %H:%M:%S %Y")
    for found in _ELEMENT.finditer(text):
        made[-1] += text[last : found.start()]
        last, element = found.end(), found[0]
        if element in COMPUTED or element in ("%Z", "%z", "%Ez"):
            made += [element, ""]
        elif element in SAME or element in WRITE:
            made[-1] += WRITE.get(element, element)
        else:
            raise unsupported(f"the format element {element}")
    made[-1] += text[last:]
    return [piece for piece in made if piece] or [""]


def parsed(kind: str) -> Any:
    """PARSE_DATE and its neighbours."""

    def rewrite(node: Tree) -> Tree:
        zone = node.args.get("zone")
        if "%" not in _text(node.args["format"]):
            raise unsupported("CAST with FORMAT")
        text, value = _readable(_text(node.args["format"])), node.this
        shapes = [text] if ".%f" not in text else [text, text.replace(".%f", "")]
        formats = ", ".join("'" + shape.replace("'", "''") + "'" for shape in shapes)
        read = _sql(f"strptime(:x, [{formats}])", x=value)
        if "%Y" not in text and "%y" not in text and kind != "TIME":
            read = _sql(f"strptime('1970 ' || :x, '%Y {text.replace(chr(39), chr(39) * 2)}')",
                        x=value)  # fmt: skip
        if kind == "TIMESTAMPTZ" and zone is not None:
            return _sql("CAST(:x AS TIMESTAMP) AT TIME ZONE :z", x=read, z=zone)
        return _sql(f"CAST(:x AS {kind})", x=read)

    return rewrite


def _readable(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        element = READ.get(found[0], found[0])
        if any(part not in READABLE and part not in ("%f", "%-d")
               for part in re.findall(r"%-?[A-Za-z%]", element)):  # fmt: skip
            raise unsupported(f"reading the format element {found[0]}")
        return element

    return _ELEMENT.sub(one, text)


def _text(tree: Tree) -> str:
    if type(tree).__name__ != "Literal":
        raise unsupported("a format that is not a literal")
    return str(tree.name)


def _sql(text: str, **trees: Tree) -> Tree:
    from emulator.bigquery.dialect.dates import _sql as made

    return made(text, **trees)
