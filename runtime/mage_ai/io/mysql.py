"""MySQL and MariaDB, through MySQL's own connector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT
from runtime.mage_ai.io.export_utils import infer_dtypes
from runtime.mage_ai.io.rows import rows_of
from runtime.mage_ai.io.sql import BaseSQL, Export, frame_of
from runtime.mage_ai.io.sql_types import MYSQL, type_for

if TYPE_CHECKING:
    import pandas as pd


class MySQL(BaseSQL):
    """Load, execute and export. A schema is a database here, so none is named."""

    quote = "`"
    transactional_ddl = False

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
        connector = library("mysql.connector", "mysql-connector-python", "MySQL")
        return connector.connect(**self.settings)

    def default_schema(self) -> None:
        return None

    def execute(self, query_string: str, **query_vars: Any) -> None:
        self.say(f"Executing query {query_string!r}")
        with self.cursor() as cursor:
            cursor.execute(self._clean_query(query_string), query_vars or ())

    def _run(self, query: str, variables: Mapping[str, Any], *, fetch: bool) -> Any:
        """A result that nobody wants has to be read all the same."""
        with self.cursor() as cursor:
            cursor.execute(query, variables or ())
            if cursor.description is None:
                return None
            return frame_of(cursor) if fetch else cursor.fetchall() and None

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        if limit is None:
            return query
        return f"SELECT * FROM (\n{query}\n) AS subquery LIMIT {int(limit)}"

    def create_schema(self, cursor: Any, schema: str) -> None:
        """Nothing: there are no schemas."""

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        database, _, table = table_name.replace("`", "").rpartition(".")
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM information_schema.tables "
                "WHERE table_schema = %s AND table_name = %s LIMIT 1",
                (database or self.settings["database"], table),
            )
            return bool(cursor.fetchall())

    def get_type(self, column: Any, dtype: str) -> str:
        return type_for(MYSQL, dtype, "TEXT")

    def create_table(self, work: Export, frame: pd.DataFrame) -> str:
        """A text that has to be unique needs a length."""
        kinds = infer_dtypes(frame)
        keyed = {c: "VARCHAR(255)" for c in work.unique if kinds.get(c) == "string"}
        types = {**keyed, **work.types}
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
        if work.unique and work.conflict == "UPDATE":
            updates = ", ".join(f"{n} = VALUES({n})" for n in map(self.quoted, frame.columns))
            insert += f" ON DUPLICATE KEY UPDATE {updates}"
        if not frame.empty:
            cursor.executemany(insert, rows_of(frame))
