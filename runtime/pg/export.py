"""The story of one export, in one transaction: a process that dies in it leaves nothing.

schema → table (made, emptied, dropped, kept) → rows → commit. With a conflict method rows go
into a temporary table first and from there by INSERT … ON CONFLICT, the last of equals last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runtime.pg.catalog import Column, Table, quoted
from runtime.pg.kinds import column_types
from runtime.pg.sessions import Session

if TYPE_CHECKING:
    import pandas as pd

    from runtime.mage_ai.io.sql_export import Export

STAGED = Table(None, "blocklift_incoming")


def export_frame(session: Session, work: Export, frame: pd.DataFrame) -> None:
    """Everything but the commit."""
    table, columns = _table_ready(session, work)
    if not columns:
        _create(session, work, table, frame)
        columns = table.columns(session.rows)
    _check(table, columns, frame)
    if work.unique and work.conflict:
        _merge(session, work, table, columns, frame)
    else:
        session.send(table, frame, columns, temporary=False)


def export_query(session: Session, work: Export) -> None:
    """CREATE TABLE AS, or INSERT into the table that is there."""
    table, columns = _table_ready(session, work)
    if columns:
        session.execute(f"INSERT INTO {table.sql}\n{work.query}")
    else:
        session.execute(f"CREATE TABLE {table.sql} AS\n{work.query}")


def _table_ready(session: Session, work: Export) -> tuple[Table, Mapping[str, Column]]:
    """The table and its columns; none when it has to be made."""
    table = Table.named(work.schema, work.table)
    if not table.has_schema(session.rows):
        session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.schema or '')}")
    columns = table.columns(session.rows)
    if not columns or work.if_exists == "append":
        return table, columns
    if work.if_exists == "fail":
        raise ValueError(f"table {work.full_name!r} already exists in the database")
    if work.drop:
        session.execute(f"DROP TABLE {table.sql}{' CASCADE' if work.cascade else ''}")
        return table, {}
    session.execute(f"DELETE FROM {table.sql}")
    return table, columns


def _create(session: Session, work: Export, table: Table, frame: pd.DataFrame) -> None:
    types = column_types(frame, work.types)
    parts = [f"{quoted(name)} {kind}" for name, kind in types.items()]
    if work.unique:
        names = ", ".join(quoted(name) for name in work.unique)
        parts.append(f"CONSTRAINT {quoted(work.constraint[:63])} UNIQUE ({names})")
    session.execute(f"CREATE TABLE {table.sql} ({', '.join(parts)})")


def _check(table: Table, columns: Mapping[str, Column], frame: pd.DataFrame) -> None:
    names = [str(name) for name in frame.columns]
    if unknown := [name for name in names if name not in columns]:
        raise ValueError(
            f"table {table.sql} has no column {', '.join(map(repr, unknown))}; "
            f"it has {', '.join(columns)}"
        )


def _merge(
    session: Session,
    work: Export,
    table: Table,
    columns: Mapping[str, Column],
    frame: pd.DataFrame,
) -> None:
    names = [quoted(str(name)) for name in frame.columns]
    listed = ", ".join(names)
    session.execute(
        f"CREATE TEMP TABLE {STAGED.sql} ON COMMIT DROP AS "
        f"SELECT {listed} FROM {table.sql} WITH NO DATA"
    )
    session.send(STAGED, frame, columns, temporary=True)
    session.execute(_insert(work, table, listed, names))
    session.execute(f"DROP TABLE {STAGED.sql}")


def _insert(work: Export, table: Table, listed: str, names: list[str]) -> str:
    """Rows that repeat a key are settled first: Postgres updates a row only once a statement."""
    keys = [quoted(name) for name in work.unique]
    target = f"INSERT INTO {table.sql} ({listed})"
    conflict = f"ON CONFLICT ({', '.join(keys)})"
    if work.conflict != "UPDATE":
        return f"{target} SELECT {listed} FROM {STAGED.sql} ORDER BY ctid {conflict} DO NOTHING"
    missing = " OR ".join(f"{key} IS NULL" for key in keys)
    alone = f"CASE WHEN {missing} THEN ctid END"
    apart = ", ".join([*keys, alone])
    updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in names)
    return (
        f"{target} SELECT {listed} FROM (SELECT DISTINCT ON ({apart}) * FROM {STAGED.sql} "
        f"ORDER BY {apart}, ctid DESC) AS latest {conflict} DO UPDATE SET {updates}"
    )
