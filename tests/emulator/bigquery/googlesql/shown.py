"""Tables as the reference draws them: every cell a text."""

from __future__ import annotations

import ast
import datetime
import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulator.bigquery.context import Outcome

from .engine import typed_rows
from .literals import EPOCH, instant
from .stated import Shown, Stated, Typed

_NOW = re.compile(r"CURRENT_(?:DATE|TIME|DATETIME|TIMESTAMP)\b", re.IGNORECASE)


def drawn(one: Stated, shown: Shown, outcome: Outcome) -> tuple[str, str]:
    """The verdict on a drawn table, and why."""
    if _NOW.search(one.query) or _over_lines(shown):
        return "beside", "the page shows another moment, or a value over several lines"
    ordered = "ORDER BY" in one.query.upper().rpartition(")")[2]
    given = [row.value for row in typed_rows(outcome)]
    if why := _difference(shown, given, ordered, 0):
        shifted = not _difference(shown, given, ordered, 7) or not _difference(
            shown, given, ordered, 8)  # fmt: skip
        return ("beside", "another default time zone") if shifted else ("wrong", why)
    return "right", ""


def _over_lines(shown: Shown) -> bool:
    cells = [cell for row in shown.rows for cell in row]
    return any(cell.count("{") != cell.count("}") or cell.count("[") != cell.count("]")
               for cell in cells)  # fmt: skip


def _difference(shown: Shown, given: list[Any], ordered: bool, shift: int) -> str:
    """Nothing, or what differs; `shift` is of the page's time zone, in hours."""
    if len(given) != len(shown.rows) or any(len(r) != len(shown.columns) for r in given):
        return f"must give {shown.rows}; gave {_told(given)}"
    rest = list(given)
    for cells in shown.rows:
        found = next((at for at, row in enumerate(rest) if _same_row(cells, row, shift)), None)
        if found is None:
            return f"must give {cells}; gave {_told(given)}"
        if ordered and found:
            return f"another order: must give {shown.rows}; gave {_told(given)}"
        del rest[found]
    return ""


def _told(rows: list[Any]) -> str:
    return str([tuple(text(cell) for cell in row) for row in rows])


def _same_row(cells: tuple[str, ...], row: list[Typed], shift: int) -> bool:
    return all(same_cell(cell, value, shift) for cell, value in zip(cells, row, strict=True))


def same_cell(cell: str, value: Typed, shift: int = 0) -> bool:
    plain = _plain(cell)
    if value.kind == "ARRAY" and plain.upper() == "NULL":
        return not value.value
    if value.value is None:
        return plain.upper() in ("NULL", "", "SQLNULL")
    if by_kind := _CELLS.get(value.kind):
        return bool(by_kind(cell, value.value))
    if value.kind == "TIMESTAMP":
        found = _instant(cell)
        return found is not None and abs(found - value.value) == shift * 3600 * 10**6
    return plain == _plain(text(value))


def _same_text(cell: str, value: str) -> bool:
    visible = value.replace("\0", "").strip()
    return cell.strip("\"'") == visible.strip("\"'") or _plain(cell) == _plain(value)


def _plain(text: str) -> str:
    """Without what pages write one way or the other."""
    made = re.sub(r"\s*([,{}\[\]()])\s*", r"\1", text.strip()).replace("'", '"')
    made = re.sub(r"(\d)\.0(?=[,}\])])", r"\1", made)
    made = re.sub(r"\bSTRUCT\b|\bDATE(TIME)?\s(?=\")", "", made)
    made = made.replace('"', "").replace("(", "{").replace(")", "}")
    return re.sub(r"(?<=\d)T(?=\d)", " ", made).casefold()


def _bytes_of(cell: str) -> bytes | None:
    """b"\\xff", or the same without its quotes."""
    body = cell if re.match(r"b[\"']", cell) else "b'" + cell.replace("'", "\\'") + "'"
    try:
        made: bytes = ast.literal_eval(body)
    except (SyntaxError, ValueError):
        return None
    return made


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _same_float(cell: str, value: float) -> bool:
    names = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf,
             "infinity": math.inf, "-infinity": -math.inf}  # fmt: skip
    if cell in names:
        return value == names[cell] or (math.isnan(names[cell]) and math.isnan(value))
    number = _number(cell.rstrip(".…"))
    if number is None or math.isnan(value) or math.isinf(value):
        return False
    places = max(-int(number.as_tuple().exponent), 0)
    return abs(Decimal(value) - number) <= Decimal(1).scaleb(-places) * Decimal("0.51") + abs(
        number) * Decimal("1e-12") or (places >= 3 and abs(Decimal(value) - number)
                                       < Decimal(1).scaleb(-places))  # fmt: skip


def _instant(cell: str) -> int | None:
    cell = cell.strip().replace("T", " ", 1) if re.match(r"\d+-\d+-\d+T", cell) else cell.strip()
    found = re.fullmatch(r"([\d-]+ [\d:.]+)\s*([A-Za-z_]+/[A-Za-z_]+)", cell)
    try:
        if not found:
            return instant(cell)
        zone = ZoneInfo(found[2])
        micros = instant(found[1])
        local = (EPOCH + datetime.timedelta(microseconds=micros)).replace(tzinfo=zone)
        offset = local.utcoffset() or datetime.timedelta()
        return micros - int(offset / datetime.timedelta(microseconds=1))
    except (ValueError, ZoneInfoNotFoundError):
        return None


def _same_json(cell: str, value: Any) -> bool:
    try:
        return bool(json.loads(cell) == value)
    except ValueError:
        return cell.strip("\"'") == value


def text(value: Typed) -> str:
    """As most pages would show it."""
    if value.value is None:
        return "NULL"
    return _TEXTS.get(value.kind, str)(value.value)


def _moment(micros: int) -> str:
    moment = EPOCH + datetime.timedelta(microseconds=micros)
    return str(moment).removesuffix(":00") if moment.microsecond == 0 else str(moment)


_CELLS: dict[str, Any] = {
    "STRING": _same_text,
    "BYTES": lambda cell, value: _bytes_of(cell) == value,
    "DOUBLE": lambda cell, value: _same_float(_plain(cell), value),
    "JSON": _same_json,
    **dict.fromkeys(("NUMERIC", "BIGNUMERIC", "INT64"),
                    lambda cell, value: _number(_plain(cell)) == Decimal(value)),
}  # fmt: skip
_TEXTS: dict[str, Any] = {
    "ARRAY": lambda items: "[" + ",".join(map(text, items)) + "]",
    "STRUCT": lambda items: "{" + ",".join(map(text, items)) + "}",
    "BYTES": repr,
    "TIMESTAMP": _moment,
    "DOUBLE": lambda value: repr(value).removesuffix(".0"),
    "JSON": lambda value: json.dumps(value, separators=(",", ":")),
}
