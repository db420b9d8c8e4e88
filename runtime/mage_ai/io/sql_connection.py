"""A DB-API connection that is opened by `with` or `open()`, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any, Self

from runtime.appends import emptied, emptied_by
from runtime.libraries import library
from runtime.mage_ai.io.base import BaseIO

if TYPE_CHECKING:
    import pandas as pd


class SQLConnection(BaseIO):
    """Statements and their results; nothing is committed before `commit()`."""

    def __init__(self, verbose: bool = True, **settings: Any) -> None:
        super().__init__(verbose=verbose)
        self.settings = settings
        self._emptied: list[str] = []

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
        emptied(self._emptied)
        self._emptied.clear()

    def rollback(self) -> None:
        self.conn.rollback()
        self._emptied.clear()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def execute(self, query_string: str, **query_vars: Any) -> None:
        """Run without committing."""
        self.say(f"Executing query {query_string!r}")
        self._run(self._clean_query(query_string), query_vars, fetch=False)

    def execute_query_raw(self, query: str, **kwargs: Any) -> Any:
        self._notice(query)
        with self.cursor() as cursor:
            self._ask(cursor, query, kwargs)
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
        """Results are read to their end, as some drivers want before the next statement."""
        self._notice(query)
        with self.cursor() as cursor:
            self._ask(cursor, query, variables)
            if not cursor.description:
                return None
            return frame_of(cursor) if fetch else cursor.fetchall() and None

    def _ask(self, cursor: Any, query: str, variables: Mapping[str, Any]) -> None:
        """Hand a statement to the driver; keyword arguments are the driver's, as in Mage."""
        cursor.execute(query, **variables)

    def _notice(self, query: str) -> None:
        """What takes rows away counts once it is committed."""
        self._emptied += emptied_by(query)

    def _clean_query(self, query_string: str) -> str:
        return query_string.strip().rstrip(";").rstrip()


def frame_of(cursor: Any) -> pd.DataFrame:
    """All rows of a cursor, as pandas.read_sql would give them."""
    pandas = library("pandas", feature="reading from a database")
    names = [column[0] for column in cursor.description]
    frame: pd.DataFrame = pandas.DataFrame.from_records(
        list(cursor.fetchall()), columns=names, coerce_float=True
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
