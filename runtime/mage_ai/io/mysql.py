"""MySQL and MariaDB.

Through MySQL's own connector where a block's imports bring it, as in Mage; else through
PyMySQL, which is a hundredth of its size. `conn` is a connection of the one that is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from runtime.appends import emptied
from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT
from runtime.mage_ai.io.export_utils import infer_dtypes
from runtime.mage_ai.io.rows import in_utc, rows_of
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_export import Export
from runtime.mage_ai.io.sql_once import Marks
from runtime.mage_ai.io.sql_types import MYSQL, type_for

if TYPE_CHECKING:
    import pandas as pd

TEXT_BYTES = 65_535
"""What a TEXT holds (MySQL: Data Type Storage Requirements)."""
_COMMITS = re.compile(r"^\s*(?:alter|create|drop|rename|truncate)\b", re.IGNORECASE)
"""Statements that commit what is pending (MySQL: Statements That Cause an Implicit Commit)."""


class MySQL(BaseSQL):
    """Load, execute and export. A schema is a database here, so usually none is named."""

    quote = "`"
    marks = Marks()

    def __init__(
        self,
        database: str,
        host: str,
        password: str,
        user: str,
        port: int | str = 3306,
        allow_local_infile: bool = False,
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            verbose=verbose,
            database=database,
            host=host,
            password=password,
            user=user,
            port=int(port or 3306),
            allow_local_infile=bool(allow_local_infile),
            **kwargs,
        )

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(
            database=config["MYSQL_DATABASE"],
            host=config["MYSQL_HOST"],
            password=config["MYSQL_PASSWORD"],
            user=config["MYSQL_USER"],
            port=config["MYSQL_PORT"],
            allow_local_infile=config["MYSQL_ALLOW_LOCAL_INFILE"],
        )

    def connect(self) -> Any:
        try:
            return import_module("mysql.connector").connect(**self.settings)
        except ModuleNotFoundError:
            settings = dict(self.settings)
            settings["local_infile"] = settings.pop("allow_local_infile")
            return library("pymysql", "PyMySQL", "MySQL").connect(**settings)

    def default_schema(self) -> None:
        return None

    def _ask(self, cursor: Any, query: str, variables: Mapping[str, Any]) -> None:
        """Keyword arguments are bound as `%(name)s`; without any, a `%` is a `%`."""
        cursor.execute(query, dict(variables) or None)

    def _notice(self, query: str) -> None:
        super()._notice(query)
        if _COMMITS.match(query):
            emptied(self._emptied)
            self._emptied.clear()

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        if limit is None:
            return query
        return f"SELECT * FROM (\n{query}\n) AS subquery LIMIT {int(limit)}"

    def create_schema(self, cursor: Any, schema: str) -> None:
        """Nothing: a database is made by who runs the server."""

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        database, _, table = table_name.replace("`", "").rpartition(".")
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM information_schema.tables "
                "WHERE table_schema = %s AND table_name = %s LIMIT 1",
                (database or schema_name or self.settings["database"], table),
            )
            return bool(cursor.fetchall())

    def get_type(self, column: Any, dtype: str) -> str:
        kind = type_for(MYSQL, dtype, "TEXT")
        return "LONGTEXT" if kind == "TEXT" and _longest(column) > TEXT_BYTES else kind

    def create_table(self, work: Export, frame: pd.DataFrame) -> str:
        """A text that has to be unique needs a length."""
        kinds = infer_dtypes(frame)
        types = {c: "VARCHAR(255)" for c in work.unique if kinds.get(c) == "string"} | dict(
            work.types
        )
        columns = [
            f"{self.quoted(c)} {types.get(c) or self.get_type(frame[c], kinds[c])}"
            for c in frame.columns
        ]
        if work.unique:
            names = ", ".join(self.quoted(c) for c in work.unique)
            columns.append(f"CONSTRAINT {work.constraint} UNIQUE ({names})")
        return f"CREATE TABLE {work.full_name} ({', '.join(columns)})"

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        names = ", ".join(self.quoted(c) for c in frame.columns)
        marks = ", ".join(["%s"] * frame.shape[1])
        insert = f"INSERT INTO {work.full_name} ({names}) VALUES ({marks})"
        if work.unique and work.conflict:
            insert += f" ON DUPLICATE KEY UPDATE {self._changes(work, frame)}"
        if not frame.empty:
            cursor.executemany(insert, rows_of(in_utc(frame)))

    def _changes(self, work: Export, frame: pd.DataFrame) -> str:
        """All columns, or one that stays as it is: the row that is there wins."""
        if work.conflict == "UPDATE":
            return ", ".join(f"{n} = VALUES({n})" for n in map(self.quoted, frame.columns))
        key = self.quoted(work.unique[0])
        return f"{key} = {work.full_name}.{key}"


def _longest(column: Any) -> int:
    """Bytes of the longest text, at most: four for a character."""
    return max((len(str(value)) * 4 for value in column.dropna()), default=0)
