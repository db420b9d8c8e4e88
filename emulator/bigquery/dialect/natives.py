"""What neither DuckDB nor a macro can compute: Python functions, registered once per file."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from typing import Any

from emulator.bigquery.dialect.bytes_natives import BYTES_NATIVES, found_at
from emulator.bigquery.dialect.json_natives import JSON_NATIVES
from emulator.bigquery.dialect.json_typed import JSON_TYPED
from emulator.bigquery.dialect.text_natives import TEXT_NATIVES


def register(db: Any) -> None:
    every = (*_NATIVES, *TEXT_NATIVES, *BYTES_NATIVES, *JSON_NATIVES, *JSON_TYPED)
    for function, given, made in every:
        db.create_function(
            function.__name__, _strict(function), given, made, null_handling="special"
        )


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """NULL for a NULL argument, as nearly every function of Google's has it."""

    @wraps(function)
    def call(*given: Any) -> Any:
        return None if None in given else function(*given)

    return call


def bq_instr(text: str, part: str, position: int, occurrence: int) -> int:
    """INSTR(value, subvalue, position, occurrence)."""
    return found_at(text, part, position, occurrence)


def bq_initcap(text: str, delimiters: str) -> str:
    """INITCAP: a letter after a delimiter is large, the rest small."""
    made, start = [], True
    for letter in text:
        made.append(letter.upper() if start else letter.lower())
        start = letter in delimiters
    return "".join(made)


def bq_soundex(text: str) -> str:
    letters = [c for c in text.upper() if "A" <= c <= "Z"]
    if not letters:
        return ""
    codes = dict(zip("BFPVCGJKQSXZDTLMNR", "111122222222334556", strict=True))
    made, last = letters[0], codes.get(letters[0], "")
    for letter in letters[1:]:
        code = codes.get(letter, "")
        if code and code != last:
            made += code
        if letter not in "HW":
            last = code
    return (made + "000")[:4]


def bq_exact_variance(values: list[Decimal | None], less: int) -> float | None:
    """Of NUMERICs, without what FLOAT64 would lose; `less`: 1 of a sample."""
    given = [Fraction(value) for value in values if value is not None]
    if len(given) <= less:
        return None
    mean = sum(given) / len(given)
    return float(sum((value - mean) ** 2 for value in given) / (len(given) - less))


_BIG, _TEXT = "BIGINT", "VARCHAR"
_NATIVES: list[tuple[Any, list[str], str]] = [
    (bq_instr, [_TEXT, _TEXT, _BIG, _BIG], _BIG),
    (bq_initcap, [_TEXT, _TEXT], _TEXT),
    (bq_soundex, [_TEXT], _TEXT),
    (bq_exact_variance, ["DECIMAL(38,9)[]", _BIG], "DOUBLE"),
]
