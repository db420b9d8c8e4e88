"""What the database says of a table: whether it is there, and its columns' types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Rows = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name of its type in the catalog (`_int4` is an array), and as SQL."""

    type: str
    sql: str


def identifier(name: str) -> str:
    """The stored form of a name as SQL would read it: folded unless it is quoted."""
    return name[1:-1] if name.startswith('"') and name.endswith('"') else name.lower()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its stored names; without a schema the search path decides."""

    schema: str | None
    name: str

    @classmethod
    def named(cls, schema: str | None, name: str) -> Table:
        return cls(identifier(schema) if schema else None, identifier(name))

    @property
    def sql(self) -> str:
        own = quoted(self.name)
        return f"{quoted(self.schema)}.{own}" if self.schema else own

    def columns(self, rows: Rows) -> Mapping[str, Column]:
        """In order; empty when there is no such table or view."""
        found = rows(
            "SELECT a.attname::text, t.typname::text, format_type(a.atttypid, a.atttypmod) "
            "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
            f"WHERE a.attrelid = to_regclass({literal(self.sql)}) "
            "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        )
        return {name: Column(kind, sql) for name, kind, sql in found}

    def has_schema(self, rows: Rows) -> bool:
        if self.schema is None:
            return True
        return bool(rows(f"SELECT 1 FROM pg_namespace WHERE nspname = {literal(self.schema)}"))
