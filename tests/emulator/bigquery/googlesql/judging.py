"""What a statement gave beside what its source states."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from emulator.bigquery.context import Outcome
from emulator.bigquery.errors import BigQueryError

from .beside import has_other_words, is_beside
from .engine import Engine, typed_rows
from .shown import drawn
from .stated import UNKNOWN, Failure, Shown, Stated, Tally, Typed

ZONE_SHIFTS = (7 * 3600 * 10**6, 8 * 3600 * 10**6)
"""Compliance tests are written for America/Los_Angeles by default; BigQuery's default is UTC."""


def tally(engine: Engine, stated: Iterable[Stated]) -> Tally:
    made = Tally()
    engine.fresh()
    for one in stated:
        verdict, why = judged(engine, one)
        setattr(made, verdict, getattr(made, verdict) + 1)
        made.told.append({"file": one.file, "name": one.name, "verdict": verdict, "why": why,
                          "query": one.query})  # fmt: skip
    return made


def judged(engine: Engine, one: Stated) -> tuple[str, str]:
    """The verdict, and why."""
    if is_beside(one) or one.expected is UNKNOWN or _of_keys(one.expected):
        return "beside", ""
    try:
        outcome = engine.outcome(one)
    except BigQueryError as error:
        return _refusal(one, error)
    except Exception as error:  # noqa: BLE001 - a crash is an outcome that is told
        return "failed", f"crash: {error!r}"
    finally:
        if _changes(one.query):
            engine.fresh()
    try:
        if isinstance(one.expected, Failure):
            return "wrong", f"must fail: {one.expected.message}; gave {_shown(outcome)}"
        return _compared(one, outcome)
    except (OverflowError, ValueError) as error:
        return "wrong", f"gave what Python cannot hold: {error}"


def _of_keys(expected: object) -> bool:
    """BigQuery does not enforce primary keys."""
    return isinstance(expected, Failure) and "primary key" in expected.message


def _changes(query: str) -> bool:
    return bool(re.match(r"(?i)\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE)", query))


def _refusal(one: Stated, error: BigQueryError) -> tuple[str, str]:
    if error.reason == "notImplemented":
        return "refused", error.message
    if isinstance(one.expected, Failure):
        return "right", ""
    if AS_GOOGLE.search(error.message) or _without_table(one, error):
        return "beside", error.message
    return "failed", error.message


AS_GOOGLE = re.compile(
    r"Duplicate column names in the result|Array cannot have a null element|nested arrays are not"
    r"|Equality is not defined for arguments of type|Comparison is not defined for arguments of"
)
"""What GoogleSQL can hold and BigQuery refuses, as it is refused here."""


def _without_table(one: Stated, error: BigQueryError) -> bool:
    """Its table is made of what BigQuery does not have, or not in the file at all."""
    found = re.search(r"Not found: Table p:d\d+\.(\w+)|Not found: Dataset", error.message)
    if found is None:
        return False
    made = [text for text in one.setup if found[1] and found[1].lower() in text.lower()]
    return all(has_other_words(text) for text in made)


def _compared(one: Stated, outcome: Outcome) -> tuple[str, str]:
    if outcome.schema is None:
        return "beside", "changes rows"
    if isinstance(one.expected, Shown):
        return drawn(one, one.expected, outcome)
    expected, given = one.expected, Typed("ARRAY", typed_rows(outcome))
    if expected.kind != "ARRAY":
        return "beside", "changes rows"
    if expected.value and expected.value[0].kind != "STRUCT":
        given = Typed("ARRAY", [row.value[0] for row in given.value])
    if same(expected, given):
        return "right", ""
    if same(expected, given, zones=True):
        return "beside", "another default time zone"
    return "wrong", f"must give {_text(expected)}; gave {_text(given)}"


def same(expected: Typed, given: Typed, zones: bool = False) -> bool:
    if expected.kind == "ARRAY" and given.kind == "ARRAY":
        return _same_items(expected, given, zones)
    if expected.value is None or given.value is None:
        return expected.value is None and given.value is None
    if expected.kind != given.kind:
        return False
    if expected.kind == "STRUCT":
        return len(expected.value) == len(given.value) and all(
            same(a, b, zones) for a, b in zip(expected.value, given.value, strict=True)
        )
    return same_scalar(expected.kind, expected.value, given.value, zones)


def _same_items(expected: Typed, given: Typed, zones: bool) -> bool:
    """A NULL array is an empty one in what comes of a query."""
    first, second = list(expected.value or []), list(given.value or [])
    if len(first) != len(second):
        return False
    if all(same(a, b, zones) for a, b in zip(first, second, strict=True)):
        return True
    if expected.ordered:
        return False
    rest = list(second)
    for item in first:
        found = next((at for at, b in enumerate(rest) if same(item, b, zones)), None)
        if found is None:
            return False
        del rest[found]
    return True


def same_scalar(kind: str, expected: Any, given: Any, zones: bool = False) -> bool:
    if kind in ("DOUBLE", "FLOAT64"):
        if math.isnan(expected):
            return math.isnan(given)
        return expected == given or math.isclose(expected, given, rel_tol=1e-12, abs_tol=1e-15)
    if kind == "TIMESTAMP" and zones:
        return expected == given or abs(expected - given) in ZONE_SHIFTS
    if kind in ("NUMERIC", "BIGNUMERIC"):
        return Decimal(expected) == Decimal(given)
    return bool(expected == given)


def _text(value: Typed) -> str:
    if value.value is None:
        return f"NULL:{value.kind}"
    if value.kind in ("ARRAY", "STRUCT"):
        left, right = ("[", "]") if value.kind == "ARRAY" else ("{", "}")
        return left + ", ".join(_text(item) for item in value.value) + right
    return f"{value.value!r}:{value.kind}"


def _shown(outcome: Outcome) -> str:
    return _text(Typed("ARRAY", typed_rows(outcome))) if outcome.schema else "no rows"
