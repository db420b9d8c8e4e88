"""DuckDB, in a file, in memory or at MotherDuck (`md:…`).

A file lies on the function's own disk, which no other function sees and which does not last:
tables are shared between blocks only through MotherDuck.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.sql import BaseSQL, Export
from runtime.mage_ai.io.sql_types import DUCKDB, type_for

if TYPE_CHECKING:
    import pandas as pd


class DuckDB(BaseSQL):
    """Opened when it is made."""

    def __init__(
        self,
        database: str,
        motherduck_token: str | None = None,
        schema: str | None = None,
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            verbose=verbose,
            database=database,
            schema=schema,
            motherduck_token=motherduck_token,
            **kwargs,
        )
        self.open()

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(
            database=config["DUCKDB_DATABASE"],
            motherduck_token=config["MOTHERDUCK_TOKEN"],
            schema=config["DUCKDB_SCHEMA"],
        )

    def connect(self) -> Any:
        duckdb = library("duckdb", feature="DuckDB")
        database, token = self.settings["database"], self.settings["motherduck_token"]
        at_motherduck = str(database).startswith("md:") and token
        config = {"motherduck_token": token} if at_motherduck else {}
        return duckdb.connect(database, config=config)

    def open(self) -> None:
        if "_ctx" not in self.__dict__:
            super().open()

    def cursor(self) -> AbstractContextManager[Any]:
        return nullcontext(self.conn)

    def commit(self) -> None:
        """Statements outside BEGIN … COMMIT are committed as they run."""

    def rollback(self) -> None:
        """As above."""

    def default_schema(self) -> str:
        return self.settings["schema"] or "main"

    def execute(self, query_string: str, **query_vars: Any) -> None:
        self.say(f"Executing query {query_string!r}")
        self.conn.execute(self._clean_query(query_string), query_vars or None)

    def execute_query_raw(self, query: str, **kwargs: Any) -> Any:
        return self.conn.execute(query, kwargs or None).fetchall()

    def _run(self, query: str, variables: Mapping[str, Any], *, fetch: bool) -> Any:
        result = self.conn.execute(query, dict(variables) or None)
        return result.df() if fetch and result.description else None

    def _loaded(self, query: str, **kwargs: Any) -> pd.DataFrame:
        frame: pd.DataFrame = self.conn.execute(query, kwargs.get("params")).df()
        return frame

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        names = [schema_name or self.default_schema(), table_name.strip('"')]
        found = self.conn.execute(
            "SELECT 1 FROM information_schema.tables "
            "WHERE lower(table_schema) = lower(?) AND lower(table_name) = lower(?)",
            names,
        )
        return bool(found.fetchall())

    def get_type(self, column: Any, dtype: str) -> str:
        return type_for(DUCKDB, dtype, "TEXT")

    def write_query(self, work: Export) -> None:
        self._in_one(lambda: super(DuckDB, self).write_query(work))

    def write_frame(self, work: Export, frame: pd.DataFrame) -> None:
        self._in_one(lambda: super(DuckDB, self).write_frame(work, frame))

    def _in_one(self, write: Any) -> None:
        self.conn.begin()
        try:
            write()
        except BaseException:
            self.conn.rollback()
            raise
        self.conn.commit()

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        """From the frame's own memory. A failed statement leaves nothing to tidy: the next
        registration takes its place.
        """
        names = ", ".join(self.quoted(c) for c in frame.columns)
        cursor.register("blocklift_incoming", frame)
        cursor.execute(
            f"INSERT INTO {work.full_name} ({names}) SELECT {names} FROM blocklift_incoming"
        )
        cursor.unregister("blocklift_incoming")
