"""Databases behind DB-API connections: Mage's rules for load and export.

Column names are cleaned; `replace` empties the table and keeps it unless it is to be
dropped; everything that one export does is one transaction, as far as the database has them,
and an append that was interrupted is not done twice (`sql_once`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, ExportWritePolicy
from runtime.mage_ai.io.export_utils import as_frame, infer_dtypes
from runtime.mage_ai.io.sql_connection import SQLConnection, frame_of, read_sql
from runtime.mage_ai.io.sql_export import Export, Names, named
from runtime.mage_ai.io.sql_once import Marks, once

if TYPE_CHECKING:
    import pandas as pd


class BaseSQL(SQLConnection):
    """Mage's verbs on a connection; what differs between databases is below `make_room`."""

    quote = '"'
    marks: Marks | None = None
    """Where appends are marked as done; None where nothing can be marked in one transaction."""

    @classmethod
    def with_config(cls, config: Any) -> Self:
        raise NotImplementedError

    def default_schema(self) -> str | None:
        schema: str | None = self.settings.get("schema")
        return schema

    def default_database(self) -> str | None:
        database: str | None = self.settings.get("database")
        return database

    # -- reading --------------------------------------------------------------------------

    def load(
        self,
        query_string: str,
        limit: int | None = QUERY_ROW_LIMIT,
        display_query: str | None = None,
        verbose: bool = True,
        **kwargs: Any,
    ) -> pd.DataFrame:
        """The result of one SELECT, at most `limit` rows; the rest goes to pandas.read_sql."""
        query = self._clean_query(query_string)
        if verbose:
            self.say(f"Loading data with query\n{display_query or query}")
        return self._loaded(self._enforce_limit(query, limit), **kwargs)

    def sample(
        self, schema: str | None, table: str, size: int = QUERY_ROW_LIMIT, **kwargs: Any
    ) -> pd.DataFrame:
        name = f"{schema}.{table}" if schema else table
        self.say(f"Sampling {name}")
        return self._loaded(self._first(name, int(size)), **kwargs)

    def _loaded(self, query: str, **kwargs: Any) -> pd.DataFrame:
        if kwargs:
            return read_sql(query, self.conn, **kwargs)
        with self.cursor() as cursor:
            cursor.execute(query)
            return frame_of(cursor)

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        if limit is None:
            return query
        return f"WITH subquery AS (\n{query}\n) SELECT * FROM subquery LIMIT {int(limit)}"

    def _first(self, name: str, rows: int) -> str:
        return f"SELECT * FROM {name} LIMIT {rows}"

    # -- writing --------------------------------------------------------------------------

    def export(
        self,
        df: Any,
        schema_name: str | None = None,
        table_name: str | None = None,
        if_exists: ExportWritePolicy | str = ExportWritePolicy.REPLACE,
        index: bool = False,
        verbose: bool = True,
        allow_reserved_words: bool = False,
        auto_clean_name: bool = True,
        case_sensitive: bool = False,
        cascade_on_drop: bool = False,
        drop_table_on_replace: bool = False,
        overwrite_types: Mapping[str, str] | None = None,
        query_string: str | None = None,
        unique_conflict_method: str | None = None,
        unique_constraints: Sequence[str] | None = None,
        skip_semicolon_at_end: bool = False,
        **kwargs: Any,
    ) -> None:
        """Write a table, made if it is not there; committed at the end."""
        names = Names(allow_reserved_words, auto_clean_name, case_sensitive)
        work = Export(
            schema=schema_name if schema_name is not None else self.default_schema(),
            table=named(table_name),
            if_exists=str(if_exists or ExportWritePolicy.REPLACE),
            cascade=cascade_on_drop,
            drop=drop_table_on_replace,
            types=names.clean_types(overwrite_types),
            query=query_string,
            conflict=unique_conflict_method,
            unique=names.clean_all(unique_constraints),
            options=kwargs,
        )
        self.perform(work, df, names.frame, index=index, verbose=verbose)

    def perform(
        self,
        work: Export,
        df: Any,
        renamed: Callable[[pd.DataFrame], pd.DataFrame],
        *,
        index: bool,
        verbose: bool,
    ) -> None:
        """From a query or from a frame, whose columns get the names they have in the table."""
        if verbose:
            self.say(f"Exporting data to {work.full_name!r}")
        if work.query:
            return self.write_query(work)
        frame = as_frame(df)
        return self.write_frame(work, renamed(frame.reset_index() if index else frame))

    def write_query(self, work: Export) -> None:
        def put(cursor: Any, there: bool) -> None:
            cursor.execute(self.insert_from(work) if there else self.create_as(work))

        self._in_one(work, put)

    def write_frame(self, work: Export, frame: pd.DataFrame) -> None:
        def put(cursor: Any, there: bool) -> None:
            if not there:
                cursor.execute(self.create_table(work, frame))
            self.upload(cursor, work, frame)

        self._in_one(work, put)

    def _in_one(self, work: Export, put: Callable[[Any, bool], None]) -> None:
        """Commit, or leave nothing behind."""
        with self.cursor() as cursor:
            try:
                once(self, cursor, work, lambda: put(cursor, self.make_room(cursor, work)))
            except BaseException:
                self.rollback()
                raise

    def make_room(self, cursor: Any, work: Export) -> bool:
        """Do what the policy says with a table that is there; whether one is there now."""
        if work.schema:
            self.create_schema(cursor, work.schema)
        if not self.table_exists(work.schema, work.table):
            return False
        if work.if_exists == ExportWritePolicy.FAIL:
            raise ValueError(f"table {work.full_name!r} already exists in the database")
        if work.replaces:
            cascade = " CASCADE" if work.cascade else ""
            drop = f"DROP TABLE {work.full_name}{cascade}"
            cursor.execute(drop if work.drop else f"DELETE FROM {work.full_name}")
        return not work.makes_anew

    def create_table(self, work: Export, frame: pd.DataFrame) -> str:
        kinds = infer_dtypes(frame)
        columns = [
            f"{self.quoted(c)} {work.types.get(c) or self.get_type(frame[c], kinds[c])}"
            for c in frame.columns
        ]
        if work.unique:
            names = ", ".join(self.quoted(c) for c in work.unique)
            columns.append(f"CONSTRAINT {work.constraint} UNIQUE ({names})")
        return f"CREATE TABLE {work.full_name} ({', '.join(columns)})"

    def create_as(self, work: Export) -> str:
        return f"CREATE TABLE {work.full_name} AS\n{work.query}"

    def insert_from(self, work: Export) -> str:
        return f"INSERT INTO {work.full_name}\n{work.query}"

    def create_schema(self, cursor: Any, schema: str) -> None:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")

    def quoted(self, name: str) -> str:
        return f"{self.quote}{name}{self.quote}"

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        raise NotImplementedError

    def get_type(self, column: Any, dtype: str) -> str:
        raise NotImplementedError

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        raise NotImplementedError
