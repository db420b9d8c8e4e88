"""DuckDB's errors in BigQuery's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from emulator.bigquery.dialect.locate import at_word
from emulator.bigquery.errors import BigQueryError, invalid_query, unsupported
from emulator.errors import ApiError

_COLUMN = re.compile(r'Referenced column "([^"]+)" (?:was )?not found')
_TABLE_COLUMN = re.compile(r'Table "([^"]+)" does not have a column named "([^"]+)"')
_TABLE = re.compile(r'Referenced table "([^"]+)" not found')
_GROUP = re.compile(r'column "([^"]+)" must appear in the GROUP BY')
_FUNCTION = re.compile(r"Function with name (\w+) does not exist")
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "([^"]+)"')
_OURS = re.compile(r"Could not convert string '!(.*?)' to INT64", re.DOTALL)
_OWN_LIMIT = re.compile(r"This emulator does not support ([^\n']*)")
_NATIVE = re.compile(r"ValueError: ([^\n]*)")
_RANGE = re.compile(r"Type INT128 with value .* out of range|can't be cast .* out of range")
_NUMERIC = re.compile(r'Could not convert string "(.*?)" to DECIMAL')
_PLAIN = re.compile(r"^(?:Invalid Input|Conversion|Out of Range|Constraint|Binder) Error: ")


@contextmanager
def in_googles_words(source: str) -> Iterator[None]:
    import duckdb

    try:
        yield
    except ApiError:
        raise
    except duckdb.Error as error:
        raise translated(source, str(error)) from None


def translated(source: str, text: str) -> BigQueryError:  # noqa: C901, PLR0911 - one per message
    first = text.split("\n\n", maxsplit=1)[0].splitlines()[0]
    if found := _OWN_LIMIT.search(text):
        return unsupported(found[1].strip())
    if found := _OURS.search(text) or _NATIVE.search(text):
        return invalid_query(found[1].strip())
    if "verflow" in first or _RANGE.search(first):
        kind = "numeric" if "DECIMAL" in first else "int64"
        return invalid_query(f"{kind} overflow: {_PLAIN.sub('', first)}")
    if found := _NUMERIC.search(text):
        return invalid_query(f"Invalid NUMERIC value: {found[1]}")
    if first.startswith("Parser Error: "):
        return invalid_query(f"Syntax error: {first.removeprefix('Parser Error: ')}", "[1:1]")
    if found := _COLUMN.search(text):
        return invalid_query(f"Unrecognized name: {found[1]}", at_word(source, found[1]))
    if found := _TABLE_COLUMN.search(text):
        return invalid_query(f"Name {found[2]} not found inside {found[1]}",
                             at_word(source, found[2]))  # fmt: skip
    if found := _TABLE.search(text):
        return invalid_query(f"Unrecognized name: {found[1]}", at_word(source, found[1]))
    if found := _GROUP.search(text):
        return invalid_query(
            f"SELECT list expression references column {found[1]} which is neither grouped nor "
            "aggregated", at_word(source, found[1]))  # fmt: skip
    if found := _AMBIGUOUS.search(text):
        return invalid_query(f"Column name {found[1]} is ambiguous", at_word(source, found[1]))
    if found := _FUNCTION.search(text):
        return invalid_query(f"Function not found: {found[1]}", at_word(source, found[1]))
    return invalid_query(_PLAIN.sub("", first))
