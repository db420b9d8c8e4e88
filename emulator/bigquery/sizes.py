"""How many bytes a statement reads (Google: "Estimate and control costs", data size calculation).

Of each table that is named, the columns that are named, whole: partitions are not left out.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from emulator.bigquery import catalog, fields
from emulator.bigquery.context import Context
from emulator.bigquery.dialect import names
from emulator.bigquery.errors import BigQueryError

Tree = Any
FIXED = {"INTEGER": 8, "FLOAT": 8, "BOOLEAN": 1, "DATE": 8, "DATETIME": 8, "TIME": 8,
         "TIMESTAMP": 8, "NUMERIC": 16, "BIGNUMERIC": 32, "INTERVAL": 16}  # fmt: skip
_known: dict[tuple[str, str, str], int] = {}
"""By table, its etag and column."""
MOST = 10_000


def bytes_read(cursor: Any, context: Context, tree: Tree) -> int:
    from sqlglot import exp

    named = {column.name.lower() for column in tree.find_all(exp.Column, exp.Identifier)}
    star = any(not isinstance(s.parent, exp.Count) for s in tree.find_all(exp.Star))
    wanted = None if star else named
    return sum(
        _of_table(cursor, found, wanted)
        for table in names.tables_of(tree)
        if (found := _table(cursor, context, table)) and found["type"] == "TABLE"
    )


def _table(cursor: Any, context: Context, table: Tree) -> dict[str, Any] | None:
    if names.SCHEMA_VIEWS in ".".join(part.name for part in table.parts).upper():
        return None
    if len(table.parts) == 1 and context.default is None and (
        table.name.lower() not in context.temps
    ):  # fmt: skip
        return None
    return catalog.find_table(cursor, names.ref_in(context, table))


def of_table(cursor: Any, table: dict[str, Any]) -> int:
    return _of_table(cursor, table, None)


def _of_table(cursor: Any, table: dict[str, Any], wanted: set[str] | None) -> int:
    chosen = [f for f in table["schema"]["fields"]
              if wanted is None or f["name"].lower() in wanted]  # fmt: skip
    key = partial(_key, table)
    missing = [field for field in chosen if key(field) not in _known]
    if missing:
        sums = ", ".join(f"coalesce(sum({_size(f, fields.quoted(f['name']))}), 0)" for f in missing)
        home = catalog.Ref.of(table["tableReference"]).duck
        found = cursor.execute(f"select {sums} from {home}").fetchall()[0]
        if len(_known) > MOST:
            _known.clear()
        _known.update(zip(map(key, missing), map(int, found), strict=True))
    return sum(_known[key(field)] for field in chosen)


def _key(table: dict[str, Any], field: fields.Field) -> tuple[str, str, str]:
    return table["id"], table["etag"], field["name"]


def _size(field: fields.Field, value: str, depth: int = 0) -> str:
    """Of one value; NULL is nothing."""
    if field.get("mode") == "REPEATED":
        each = _size({**field, "mode": "NULLABLE"}, f"e{depth}", depth + 1)
        return f"coalesce(list_sum(list_transform({value}, lambda e{depth}: {each})), 0)"
    kind = field["type"]
    if kind == "RECORD":
        inside = [_size(f, f"{value}.{fields.quoted(f['name'])}", depth) for f in field["fields"]]
        return "(" + " + ".join(inside or ["0"]) + ")"
    if kind in FIXED:
        return f"case when {value} is null then 0 else {FIXED[kind]} end"
    if kind == "BYTES":
        return f"coalesce(2 + octet_length({value}), 0)"
    return f"coalesce(2 + strlen(cast({value} as varchar)), 0)"


def need_budget(read: int, config: dict[str, Any]) -> None:
    """`maximumBytesBilled`."""
    most = config.get("maximumBytesBilled")
    if most and read > int(most):
        raise BigQueryError(
            "bytesBilledLimitExceeded",
            f"Query exceeded limit for bytes billed: {most}. {read} or higher required.",
        )
