"""Statements of one file, run in a dataset of their own; rows come back with their types."""

from __future__ import annotations

import datetime
import itertools
import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

from emulator.bigquery import queries
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect.parse import parse
from emulator.bigquery.errors import BigQueryError
from emulator.bigquery.leash import Leash, leashed, stopped
from emulator.bigquery.rows import converter
from emulator.bigquery.warehouse import Warehouse

from .literals import EPOCH, civil, json_form
from .stated import Stated, Typed

KINDS = {"INTEGER": "INT64", "FLOAT": "DOUBLE", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
LONGEST = 30
"""Seconds of one statement."""
_MICROSECOND = datetime.timedelta(microseconds=1)


class Engine:
    def __init__(self, folder: Path) -> None:
        self._warehouse = Warehouse(folder)
        self._numbers = itertools.count()
        self._dataset = ""
        self._done: set[str] = set()

    def close(self) -> None:
        self._warehouse.close()

    def fresh(self) -> None:
        """A new file begins, or a statement has changed the tables of this one."""
        self._dataset, self._done = f"d{next(self._numbers)}", set()
        self._run(f"CREATE SCHEMA {self._dataset}")

    def outcome(self, one: Stated) -> Outcome:
        for text in one.setup:
            if text not in self._done:
                self._done.add(text)
                self._prepare(text)
        made = self._run(one.query, _parameters(one.parameters))
        return next((o for o in reversed(made) if o.schema is not None), made[-1])

    def select(self, query: str) -> Outcome:
        return self._run(query)[-1]

    def _prepare(self, text: str) -> None:
        try:
            self._run(text)
        except BigQueryError:
            return  # what reads it is told that it is not there

    def _run(self, text: str, values: dict[str, Any] | None = None) -> list[Outcome]:
        default = ("p", self._dataset)
        context = Context(text, "p", default, "EU", lambda _: [], lambda *_: None)
        context.values |= values or {}
        leash = Leash()
        timer = threading.Timer(LONGEST, lambda: leash.pull(stopped("it ran too long")))
        timer.start()
        try:
            with leashed(leash):
                return queries.run(self._warehouse, context, {}, False)
        finally:
            timer.cancel()


def _parameters(text: str) -> dict[str, Any]:
    """`1 AS a, 'x' AS b`"""
    if not text:
        return {}
    found = parse(f"SELECT {text}")[0].expressions
    return {item.alias.lower(): item.this for item in found}


def typed_rows(outcome: Outcome) -> list[Typed]:
    fields = outcome.schema or []
    columns = [_column(outcome.rows.column(at), field) for at, field in enumerate(fields)]
    return [Typed("STRUCT", list(cells)) for cells in zip(*columns, strict=True)]


def _column(column: Any, field: dict[str, Any]) -> list[Typed]:
    return [_typed(value, field) for value in column.to_pylist()]


def _typed(value: Any, field: dict[str, Any]) -> Typed:
    kind = KINDS.get(field["type"], field["type"])
    if field["mode"] == "REPEATED":
        inner = {**field, "mode": "NULLABLE"}
        return Typed("ARRAY", [_typed(item, inner) for item in value or []])
    if value is None:
        return Typed(kind, None)
    if kind == "STRUCT":
        return Typed(kind, [_typed(value[f["name"]], f) for f in field["fields"]])
    return Typed(kind, _scalar(kind, value, field))


def _scalar(kind: str, value: Any, field: dict[str, Any]) -> Any:
    if kind == "TIMESTAMP":
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return (aware - EPOCH) // _MICROSECOND
    if kind in ("DATE", "INTERVAL"):
        return converter(field, True)(value)
    if kind in ("DATETIME", "TIME"):
        return civil(value.isoformat())
    if kind == "JSON":
        return json_form(json.loads(value, parse_float=Decimal))
    return value
