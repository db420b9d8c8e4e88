"""DuckDB, in a file, in memory or at MotherDuck (`md:…`).

A file lies on the function's own disk, which no other function sees and which does not last:
tables are shared between blocks only through MotherDuck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Self

from runtime.appends import emptied, emptied_by
from runtime.libraries import library
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_export import Export
from runtime.mage_ai.io.sql_once import Marks
from runtime.mage_ai.io.sql_types import DUCKDB, type_for

if TYPE_CHECKING:
    import pandas as pd


class DuckDB(BaseSQL):
    """Opened when it is made."""

    marks = Marks("main", key="VARCHAR")

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
        self._writing = False
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
        if self._writing:
            self.conn.commit()
            self._writing = False

    def rollback(self) -> None:
        if self._writing:
            self.conn.rollback()
            self._writing = False

    def default_schema(self) -> str:
        return self.settings["schema"] or "main"

    def execute_query_raw(self, query: str, **kwargs: Any) -> Any:
        self._notice(query)
        return self.conn.execute(query, kwargs or None).fetchall()

    def _run(self, query: str, variables: Mapping[str, Any], *, fetch: bool) -> Any:
        self._notice(query)
        result = self.conn.execute(query, dict(variables) or None)
        return result.df() if fetch and result.description else None

    def _notice(self, query: str) -> None:
        emptied(emptied_by(query))

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

    def _in_one(self, work: Export, put: Callable[[Any, bool], None]) -> None:
        self.conn.begin()
        self._writing = True
        super()._in_one(work, put)

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        """From the frame's own memory. A failed statement leaves nothing to tidy: the next
        registration takes its place.
        """
        names = ", ".join(self.quoted(c) for c in frame.columns)
        cursor.register("blocklift_incoming", self._settled(work, frame))
        cursor.execute(
            f"INSERT INTO {work.full_name} ({names}) SELECT {names} FROM blocklift_incoming"
            f"{self._conflict(work, frame)}"
        )
        cursor.unregister("blocklift_incoming")

    def _settled(self, work: Export, frame: pd.DataFrame) -> pd.DataFrame:
        """Of rows with the same key the last, as one statement changes a row only once."""
        if not (work.unique and work.conflict):
            return frame
        keys = list(work.unique)
        first = work.conflict != "UPDATE"
        repeated = frame.duplicated(keys, keep="first" if first else "last")
        return frame[~repeated | frame[keys].isna().any(axis=1)]

    def _conflict(self, work: Export, frame: pd.DataFrame) -> str:
        if not (work.unique and work.conflict):
            return ""
        keys = ", ".join(self.quoted(c) for c in work.unique)
        changed = [self.quoted(c) for c in frame.columns if c not in work.unique]
        if work.conflict != "UPDATE" or not changed:
            return f" ON CONFLICT ({keys}) DO NOTHING"
        updates = ", ".join(f"{c} = excluded.{c}" for c in changed)
        return f" ON CONFLICT ({keys}) DO UPDATE SET {updates}"
