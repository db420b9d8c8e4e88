"""Databases behind DB-API connections: load, execute, and Mage's rules for export.

Column names are cleaned; `replace` empties the table and keeps it unless it is to be
dropped; everything that one export does is one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, BaseIO, ExportWritePolicy
from runtime.mage_ai.io.export_utils import as_frame, infer_dtypes
from runtime.names import clean_column, clean_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Export:
    """One export: the table, the policy, and Mage's many switches."""

    schema: str | None
    table: str
    if_exists: str = ExportWritePolicy.REPLACE
    cascade: bool = False
    drop: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    query: str | None = None
    conflict: str | None = None
    unique: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.table}" if self.schema else self.table

    @property
    def constraint(self) -> str:
        """Mage's name of the UNIQUE constraint, cut to 64 characters."""
        parts = [clean_name(self.full_name), *self.unique]
        return f"unique{'_'.join(parts)}"[:64]


class BaseSQL(BaseIO):
    """A connection that is opened by `with` or `open()`, and Mage's verbs on it."""

    quote = '"'
    transactional_ddl = True

    def __init__(self, verbose: bool = True, **settings: Any) -> None:
        super().__init__(verbose=verbose)
        self.settings = settings

    @classmethod
    def with_config(cls, config: Any) -> Self:
        raise NotImplementedError

    # -- the connection -------------------------------------------------------------------

    def connect(self) -> Any:
        """A new DB-API connection."""
        raise NotImplementedError

    def open(self) -> None:
        self._ctx = self.connect()

    def close(self) -> None:
        if (connection := self.__dict__.pop("_ctx", None)) is not None:
            connection.close()

    @property
    def conn(self) -> Any:
        if "_ctx" not in self.__dict__:
            raise ConnectionError("no open connection: use `with`, or call open() first")
        return self._ctx

    def cursor(self) -> AbstractContextManager[Any]:
        return closing(self.conn.cursor())

    def commit(self) -> None:
        self.conn.commit()

    def rollback(self) -> None:
        self.conn.rollback()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    # -- reading --------------------------------------------------------------------------

    def default_schema(self) -> str | None:
        schema: str | None = self.settings.get("schema")
        return schema

    def default_database(self) -> str | None:
        database: str | None = self.settings.get("database")
        return database

    def execute(self, query_string: str, **query_vars: Any) -> None:
        """Run without committing."""
        self.say(f"Executing query {query_string!r}")
        with self.cursor() as cursor:
            cursor.execute(self._clean_query(query_string), **query_vars)

    def execute_query_raw(self, query: str, **kwargs: Any) -> Any:
        with self.cursor() as cursor:
            cursor.execute(query, **kwargs)
            return cursor.fetchall() if cursor.description else None

    def execute_queries(
        self,
        queries: Sequence[str],
        query_variables: Sequence[Mapping[str, Any]] | None = None,
        commit: bool = False,
        fetch_query_at_indexes: Sequence[Any] | None = None,
        **_options: Any,
    ) -> list[Any]:
        """Run one after another; a frame for those whose place in the last list is truthy."""
        fetched = list(fetch_query_at_indexes or ())
        variables = list(query_variables or ())
        results = []
        for n, query in enumerate(queries):
            wanted = n < len(fetched) and bool(fetched[n])
            given = variables[n] if n < len(variables) else {}
            results.append(self._run(self._clean_query(query), given, fetch=wanted))
        if commit:
            self.commit()
        return results

    def _run(self, query: str, variables: Mapping[str, Any], *, fetch: bool) -> Any:
        with self.cursor() as cursor:
            cursor.execute(query, **variables)
            return frame_of(cursor) if fetch and cursor.description else None

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

    def _loaded(self, query: str, **kwargs: Any) -> pd.DataFrame:
        if kwargs:
            return read_sql(query, self.conn, **kwargs)
        with self.cursor() as cursor:
            cursor.execute(query)
            return frame_of(cursor)

    def sample(
        self, schema: str | None, table: str, size: int = QUERY_ROW_LIMIT, **kwargs: Any
    ) -> pd.DataFrame:
        name = f"{schema}.{table}" if schema else table
        self.say(f"Sampling {name}")
        return self._loaded(f"SELECT * FROM {name} LIMIT {int(size)}", **kwargs)

    def _clean_query(self, query_string: str) -> str:
        return query_string.strip().rstrip(";").rstrip()

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        if limit is None:
            return query
        return f"WITH subquery AS (\n{query}\n) SELECT * FROM subquery LIMIT {int(limit)}"

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
        if table_name is None:
            raise ValueError("export needs a table_name")

        def cleaned(name: str) -> str:
            return clean_column(
                name,
                allow_reserved_words=allow_reserved_words,
                auto_clean_name=auto_clean_name,
                case_sensitive=case_sensitive,
            )

        work = Export(
            schema=schema_name if schema_name is not None else self.default_schema(),
            table=table_name,
            if_exists=str(if_exists or ExportWritePolicy.REPLACE),
            cascade=cascade_on_drop,
            drop=drop_table_on_replace,
            types={cleaned(name): kind for name, kind in (overwrite_types or {}).items()},
            query=query_string,
            conflict=unique_conflict_method,
            unique=tuple(cleaned(name) for name in unique_constraints or ()),
            options=kwargs,
        )
        if verbose:
            self.say(f"Exporting data to {work.full_name!r}")
        if query_string:
            self.write_query(work)
        else:
            frame = as_frame(df)
            frame = frame.reset_index() if index else frame
            names = _different([cleaned(name) for name in frame.columns])
            self.write_frame(work, frame.set_axis(names, axis=1))

    def write_query(self, work: Export) -> None:
        with self.cursor() as cursor:
            there = self.make_room(cursor, work)
            appending = there and work.if_exists == ExportWritePolicy.APPEND
            emptied = there and work.if_exists == ExportWritePolicy.REPLACE and not work.drop
            if appending or emptied:
                cursor.execute(f"INSERT INTO {work.full_name}\n{work.query}")
            else:
                cursor.execute(self.create_as(work.full_name, work.query or ""))
        self.commit()

    def write_frame(self, work: Export, frame: pd.DataFrame) -> None:
        with self.cursor() as cursor:
            there = self.make_room(cursor, work)
            if not there or (work.drop and work.if_exists == ExportWritePolicy.REPLACE):
                cursor.execute(self.create_table(work, frame))
            self.upload(cursor, work, frame)
        self.commit()

    def make_room(self, cursor: Any, work: Export) -> bool:
        """Do what the policy says with a table that is there; whether it was there."""
        if work.schema:
            self.create_schema(cursor, work.schema)
        if not self.table_exists(work.schema, work.table):
            return False
        if work.if_exists == ExportWritePolicy.FAIL:
            raise ValueError(f"table {work.full_name!r} already exists in the database")
        if work.if_exists == ExportWritePolicy.REPLACE:
            cascade = " CASCADE" if work.cascade else ""
            drop = f"DROP TABLE {work.full_name}{cascade}"
            cursor.execute(drop if work.drop else f"DELETE FROM {work.full_name}")
        return True

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

    def create_as(self, name: str, query: str) -> str:
        return f"CREATE TABLE {name} AS\n{query}"

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


def _different(names: list[str]) -> list[str]:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"after cleaning, columns have the same name: {', '.join(twice)}")
    return names


def frame_of(cursor: Any) -> pd.DataFrame:
    """All rows of a cursor, as pandas.read_sql would give them."""
    pandas = library("pandas", feature="reading from a database")
    names = [column[0] for column in cursor.description]
    frame: pd.DataFrame = pandas.DataFrame.from_records(
        cursor.fetchall(), columns=names, coerce_float=True
    )
    return frame


def read_sql(query: str, connection: Any, **kwargs: Any) -> pd.DataFrame:
    """pandas.read_sql, which warns of every connection that is not SQLAlchemy's."""
    import warnings

    pandas = library("pandas", feature="reading from a database")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        frame: pd.DataFrame = pandas.read_sql(query, connection, **kwargs)
    return frame
