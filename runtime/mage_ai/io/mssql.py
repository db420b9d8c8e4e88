"""Microsoft SQL Server, through ODBC."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT
from runtime.mage_ai.io.rows import rows_of
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_export import Export
from runtime.mage_ai.io.sql_once import Marks
from runtime.mage_ai.io.sql_types import MSSQL as TYPES
from runtime.mage_ai.io.sql_types import type_for

if TYPE_CHECKING:
    import pandas as pd


class MSSQL(BaseSQL):
    """Load, execute and export. `replace` makes the table anew, as Mage's fast path does."""

    marks = Marks("dbo", time="DATETIME2")

    def __init__(
        self,
        database: str,
        host: str,
        password: str,
        user: str,
        authentication: str | None = None,
        schema: str | None = None,
        port: int | str = 1433,
        verbose: bool = True,
        driver: str | None = "ODBC Driver 18 for SQL Server",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            verbose=verbose,
            database=database,
            server=f"{host},{port or 1433}",
            user=user,
            password=password,
            authentication=authentication,
            schema=schema,
            driver=driver or "ODBC Driver 18 for SQL Server",
            **kwargs,
        )

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(
            authentication=config["MSSQL_AUTHENTICATION"],
            database=config["MSSQL_DATABASE"],
            schema=config["MSSQL_SCHEMA"],
            driver=config["MSSQL_DRIVER"],
            host=config["MSSQL_HOST"],
            password=config["MSSQL_PASSWORD"],
            port=config["MSSQL_PORT"],
            user=config["MSSQL_USER"],
        )

    @property
    def connection_string(self) -> str:
        parts = {
            "DRIVER": f"{{{self.settings['driver']}}}",
            "SERVER": self.settings["server"],
            "DATABASE": self.settings["database"],
            "UID": self.settings["user"],
            "PWD": "{" + str(self.settings["password"]).replace("}", "}}") + "}",
            "ENCRYPT": "yes",
            "TrustServerCertificate": "yes",
            "Authentication": self.settings["authentication"],
        }
        return ";".join(f"{key}={value}" for key, value in parts.items() if value)

    def connect(self) -> Any:
        return library("pyodbc", feature="SQL Server").connect(self.connection_string)

    def default_schema(self) -> str:
        return self.settings["schema"] or "dbo"

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        return query

    def create_schema(self, cursor: Any, schema: str) -> None:
        cursor.execute(
            f"IF NOT EXISTS (SELECT * FROM sys.schemas WHERE name = '{schema}') "
            f"EXEC('CREATE SCHEMA [{schema}]')"
        )

    def create_as(self, work: Export) -> str:
        return f"SELECT * INTO {work.full_name}\nFROM ({work.query}) AS prev"

    def _first(self, name: str, rows: int) -> str:
        return f"SELECT TOP {rows} * FROM {name}"

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                schema_name or self.default_schema(),
                table_name.strip('[]"'),
            )
            return cursor.fetchone() is not None

    def get_type(self, column: Any, dtype: str) -> str:
        return type_for(TYPES, dtype, "VARCHAR(MAX)")

    def write_frame(self, work: Export, frame: pd.DataFrame) -> None:
        super().write_frame(replace(work, drop=work.drop or work.replaces), frame)

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        cursor.fast_executemany = bool(work.options.get("fast_execute", True))
        merging = work.unique and work.conflict == "UPDATE"
        statement = self._merge(work, frame) if merging else self._insert(work, frame)
        if not frame.empty:
            cursor.executemany(statement, rows_of(frame))

    def _insert(self, work: Export, frame: pd.DataFrame) -> str:
        names = ", ".join(f"[{c}]" for c in frame.columns)
        marks = ", ".join("?" * frame.shape[1])
        return f"INSERT INTO {work.full_name} ({names}) VALUES ({marks})"

    def _merge(self, work: Export, frame: pd.DataFrame) -> str:
        columns = [f"[{c}]" for c in frame.columns]
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        same = " AND ".join(f"s.[{k}] = t.[{k}]" for k in work.unique)
        return (
            f"MERGE {work.full_name} AS t USING (VALUES ({marks})) AS s ({names}) ON {same} "
            f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{c} = s.{c}' for c in columns)} "
            f"WHEN NOT MATCHED THEN INSERT ({names}) "
            f"VALUES ({', '.join(f's.{c}' for c in columns)});"
        )
