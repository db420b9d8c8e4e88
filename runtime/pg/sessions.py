"""One connection and its transaction: through ADBC (binary) or psycopg (text)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from runtime.libraries import library
from runtime.pg.catalog import Column, Table, quoted
from runtime.pg.convert import Batches, binary_fields, text_fields

if TYPE_CHECKING:
    import pandas as pd


class Session(Protocol):
    """What an export needs of a connection."""

    def execute(self, sql: str) -> None: ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]: ...

    def send(
        self,
        table: Table,
        frame: pd.DataFrame,
        columns: Mapping[str, Column],
        *,
        temporary: bool,
    ) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


class AdbcSession:
    """Arrow goes over the wire as COPY in binary form."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, sql: str) -> None:
        with translated(), self._connection.cursor() as cursor:
            cursor.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with translated(), self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def send(
        self,
        table: Table,
        frame: pd.DataFrame,
        columns: Mapping[str, Column],
        *,
        temporary: bool,
    ) -> None:
        fields = binary_fields(frame, columns, empty_is_null=not temporary)
        if frame.empty:
            return
        batches = Batches(frame, fields)
        options = {"temporary": True} if temporary else {"db_schema_name": table.schema}
        try:
            with translated(), self._connection.cursor() as cursor:
                cursor.adbc_ingest(table.name, batches.reader(), mode="append", **options)
        except Exception:
            if batches.failure is not None:
                raise batches.failure from None
            raise

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()


class PsycopgSession:
    """Text goes over the wire as COPY in CSV form."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, sql: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def send(
        self,
        table: Table,
        frame: pd.DataFrame,
        columns: Mapping[str, Column],
        *,
        temporary: bool,
    ) -> None:
        names = ", ".join(quoted(str(name)) for name in frame.columns)
        null = "" if temporary else f", FORCE_NULL ({names})"
        where = quoted(table.name) if temporary else table.sql
        batches = Batches(frame, text_fields(frame, columns))
        copy = f"COPY {where} ({names}) FROM STDIN (FORMAT csv, NULL ''{null})"
        with self._connection.cursor() as cursor, cursor.copy(copy) as sink:
            _write_csv(batches, sink)

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()


def _write_csv(batches: Batches, sink: Any) -> None:
    """Strings are quoted, missing values are not: so an empty string is no NULL."""
    import io

    csv = library("pyarrow.csv", "pyarrow", "a fast export")
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    for batch in batches.reader():
        buffer = io.BytesIO()
        with csv.CSVWriter(buffer, batches.schema, write_options=options) as writer:
            writer.write_batch(batch)
        sink.write(buffer.getvalue())


class translated:  # noqa: N801 (used like a function)
    """ADBC's errors as psycopg's: one family for the user, and a plain message."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if error is None or not type(error).__module__.startswith("adbc_driver_manager"):
            return
        psycopg = library("psycopg", "psycopg[binary]", "Postgres")
        state = getattr(error, "sqlstate", None)
        try:
            kind = psycopg.errors.lookup(state)
        except (KeyError, AttributeError):
            kind = psycopg.OperationalError if "connect" in str(error) else psycopg.DatabaseError
        raise kind(_primary(error)) from None


def _primary(error: BaseException) -> str:
    """The server's own sentence, without the driver's wrapping."""
    for name, text in getattr(error, "details", None) or ():
        if str(name).endswith("PG_DIAG_MESSAGE_PRIMARY"):
            return text.decode() if isinstance(text, bytes) else str(text)
    words = str(error).strip()
    for marker in ("ERROR:", "FATAL:"):
        if marker in words:
            words = words.partition(marker)[2]
    return words.partition("SQLSTATE")[0].strip().rstrip(".").strip() or type(error).__name__
