"""An append that happens once in databases that cannot tell what became of a transaction.

A row in the table `blocklift_appends`, written last in the append's own transaction, says
that its rows are there. A later attempt of the same call finds it, or runs into it when both
are still going on: its key is unique. No mark is needed outside a block and after `replace`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from runtime.appends import Append, announced
from runtime.mage_ai.io.sql_export import Export

TABLE = "blocklift_appends"


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a database keeps its marks, and the types that they have there."""

    schema: str | None = None
    key: str = "CHAR(64)"
    time: str = "TIMESTAMP"

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{TABLE}" if self.schema else TABLE

    @property
    def create(self) -> str:
        return (
            f"CREATE TABLE {self.full_name} (mark {self.key} NOT NULL PRIMARY KEY, "
            f"made {self.time} DEFAULT CURRENT_TIMESTAMP)"
        )


class Database(Protocol):
    """What marking needs of a database."""

    marks: Marks | None

    def table_exists(self, schema_name: str | None, table_name: str) -> bool: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def say(self, message: str) -> None: ...


def once(database: Database, cursor: Any, work: Export, write: Callable[[], None]) -> None:
    """`write` and commit, unless an earlier attempt of this very append did."""
    append = announced(work.full_name, replaces=work.replaces)
    marks = database.marks
    if append is None or marks is None or not _ready(database, cursor, marks):
        write()
        return database.commit()
    if _marked(cursor, marks, append):
        return _skip(database, work)
    write()
    return _mark(database, cursor, marks, append, work)


def _ready(database: Database, cursor: Any, marks: Marks) -> bool:
    """Whether there is a place for marks: some accounts may not make tables."""
    if database.table_exists(marks.schema, TABLE):
        return True
    try:
        cursor.execute(marks.create)
    except Exception as error:  # noqa: BLE001 (each driver has errors of its own)
        database.say(f"Appending without a mark, {TABLE} cannot be made: {error}")
        return database.table_exists(marks.schema, TABLE)
    return True


def _marked(cursor: Any, marks: Marks, append: Append) -> bool:
    cursor.execute(f"SELECT mark FROM {marks.full_name} WHERE mark = '{append.mark}'")
    return bool(cursor.fetchall())


def _mark(database: Database, cursor: Any, marks: Marks, append: Append, work: Export) -> None:
    try:
        cursor.execute(f"INSERT INTO {marks.full_name} (mark) VALUES ('{append.mark}')")
    except Exception:
        database.rollback()
        if not _marked(cursor, marks, append):
            raise
        return _skip(database, work)
    return database.commit()


def _skip(database: Database, work: Export) -> None:
    """What is pending was part of the earlier attempt's transaction, too."""
    database.rollback()
    print(f"{work.full_name}: an earlier attempt has appended these rows already")
