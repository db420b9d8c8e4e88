"""PostgreSQL. One export is one transaction; rows go and come as Arrow where they can.

`conn` is a psycopg 3 connection, opened when it is first asked for. What was executed on it
and not committed yet is seen by a following `load` or `export`, which then use it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

from runtime.errors import SettingsProblem
from runtime.libraries import library
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_export import Export
from runtime.pg.catalog import Table
from runtime.pg.convert import NeedsText
from runtime.pg.export import export_frame, export_query
from runtime.pg.kinds import column_type
from runtime.pg.load import frame_by_arrow
from runtime.pg.once import once
from runtime.pg.sessions import AdbcSession, PsycopgSession, Session

if TYPE_CHECKING:
    import pandas as pd

KEYS = {
    "dbname": "POSTGRES_DBNAME",
    "user": "POSTGRES_USER",
    "password": "POSTGRES_PASSWORD",
    "host": "POSTGRES_HOST",
    "port": "POSTGRES_PORT",
    "schema": "POSTGRES_SCHEMA",
    "connection_method": "POSTGRES_CONNECTION_METHOD",
    "connect_timeout": "POSTGRES_CONNECT_TIMEOUT",
    "ssh_host": "POSTGRES_SSH_HOST",
    "ssh_port": "POSTGRES_SSH_PORT",
    "ssh_username": "POSTGRES_SSH_USERNAME",
    "ssh_password": "POSTGRES_SSH_PASSWORD",
    "ssh_pkey": "POSTGRES_SSH_PKEY",
}
OURS = ("schema", "connection_method", "ssh_host", "ssh_port", "ssh_username",
        "ssh_password", "ssh_pkey")  # fmt: skip


class CannotConnect(SettingsProblem, ConnectionError):
    """Nobody answers, or the server refused; the message holds no password."""


class Postgres(BaseSQL):
    """Load, execute and export; use it with `with`."""

    def __init__(
        self,
        dbname: str,
        user: str,
        password: str,
        host: str,
        port: str | int | None = None,
        schema: str | None = None,
        connection_method: str | None = "direct",
        ssh_host: str | None = None,
        ssh_port: str | int | None = None,
        ssh_username: str | None = None,
        ssh_password: str | None = None,
        ssh_pkey: str | None = None,
        verbose: bool = True,
        connect_timeout: int | None = None,
        **kwargs: Any,
    ) -> None:
        given = {key: value for key, value in locals().items() if key in KEYS}
        super().__init__(verbose=verbose, **given, **kwargs)
        self._tunnel: Any = None
        self._opened = False
        self._adbc: Any = None

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(**{name: config[key] for name, key in KEYS.items()})

    def default_database(self) -> str | None:
        database: str | None = self.settings["dbname"]
        return database

    # -- connections ----------------------------------------------------------------------

    def open(self) -> None:
        """Connects only when something is asked of the database."""
        self._opened = True

    def connect(self) -> Any:
        psycopg = library("psycopg", "psycopg[binary]", "Postgres")
        try:
            return psycopg.connect(cursor_factory=psycopg.ClientCursor, **self._parameters())
        except psycopg.OperationalError as error:
            raise self._refused(error) from None

    @property
    def conn(self) -> Any:
        if not self._opened:
            raise ConnectionError("no open connection: use `with`, or call open() first")
        if "_ctx" not in self.__dict__:
            self._ctx = self.connect()
        return self._ctx

    def commit(self) -> None:
        if "_ctx" in self.__dict__:
            super().commit()

    def rollback(self) -> None:
        if "_ctx" in self.__dict__:
            super().rollback()

    def close(self) -> None:
        super().close()
        self.__dict__["_opened"] = False
        for name, end in (("_adbc", "close"), ("_tunnel", "stop")):
            if (thing := self.__dict__.get(name)) is not None:
                self.__dict__[name] = None
                getattr(thing, end)()

    def _arrow(self) -> Any:
        """The ADBC connection; it and psycopg's are two connections to the same database."""
        if not self._opened:
            raise ConnectionError("no open connection: use `with`, or call open() first")
        if self._adbc is None:
            adbc = library(
                "adbc_driver_postgresql.dbapi", "adbc-driver-postgresql", "a fast Postgres"
            )
            try:
                self._adbc = adbc.connect(self._uri())
            except adbc.Error as error:
                raise self._refused(error) from None
        return self._adbc

    def _parameters(self) -> dict[str, Any]:
        """For libpq (PostgreSQL: Parameter Key Words)."""
        given = {k: v for k, v in self.settings.items() if k not in OURS and v is not None}
        host, port = self._address()
        return {"keepalives": 1, "keepalives_idle": 300, **given, "host": host, "port": port}

    def _uri(self) -> str:
        parameters = self._parameters()
        user, password = (quote(str(parameters.pop(k, "")), safe="") for k in ("user", "password"))
        database = quote(str(parameters.pop("dbname", "")), safe="")
        rest = urlencode({k: str(v) for k, v in parameters.items()}, quote_via=quote)
        return f"postgresql://{user}:{password}@/{database}?{rest}"

    def _address(self) -> tuple[str, int]:
        host, port = self.settings["host"], int(self.settings["port"] or 5432)
        if self.settings["connection_method"] != "ssh_tunnel":
            return host, port
        if self._tunnel is None:
            self._tunnel = self._dig(host, port)
        return "127.0.0.1", self._tunnel.local_bind_port

    def _dig(self, host: str, port: int) -> Any:
        """A tunnel through the SSH host, at a free port of this machine."""
        sshtunnel = library("sshtunnel", feature="a connection through SSH")
        s = self.settings
        secret = {"ssh_pkey": s["ssh_pkey"]} if s["ssh_pkey"] else {}
        tunnel = sshtunnel.SSHTunnelForwarder(
            (s["ssh_host"], int(s["ssh_port"] or 22)),
            remote_bind_address=(host, port),
            local_bind_address=("127.0.0.1", 0),
            ssh_username=s["ssh_username"],
            **(secret or {"ssh_password": s["ssh_password"]}),
        )
        tunnel.start()
        return tunnel

    def _refused(self, error: Exception) -> CannotConnect:
        s = self.settings
        reason = str(error).strip().splitlines()
        password = str(s["password"] or "")
        said = (reason[-1] if reason else type(error).__name__).rpartition("FATAL:")[2].strip()
        said = said.replace(password, "***") if len(password) > 3 else said
        return CannotConnect(
            f"cannot connect to Postgres at {s['host']}:{s['port'] or 5432}, database "
            f"{s['dbname']}, as {s['user']}: {said}"
        )

    # -- reading --------------------------------------------------------------------------

    def _ask(self, cursor: Any, query: str, variables: Mapping[str, Any]) -> None:
        """Keyword arguments are bound as `%(name)s`."""
        cursor.execute(query, variables or None)

    def _loaded(self, query: str, **kwargs: Any) -> pd.DataFrame:
        if not kwargs and not self._busy():
            arrow = self._arrow()
            try:
                if (frame := frame_by_arrow(arrow, query)) is not None:
                    return frame
            finally:
                arrow.rollback()
        return super()._loaded(query, **kwargs)

    def _busy(self) -> bool:
        """Whether psycopg's connection holds something that is not committed."""
        return "_ctx" in self.__dict__ and self._ctx.info.transaction_status.name != "IDLE"

    # -- writing --------------------------------------------------------------------------

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        session = PsycopgSession(self.conn) if self._busy() else AdbcSession(self._arrow())
        found = bool(Table.named(schema_name, table_name).columns(session.rows))
        if isinstance(session, AdbcSession):
            session.rollback()
        return found

    def get_type(self, column: Any, dtype: str) -> str:
        return column_type(column, dtype)

    def write_query(self, work: Export) -> None:
        session = PsycopgSession(self.conn)
        self._in_session(session, work, lambda: export_query(session, work))

    def write_frame(self, work: Export, frame: pd.DataFrame) -> None:
        """In binary form if nothing is pending on `conn` and all types allow it, else as text."""
        if not self._busy():
            session = AdbcSession(self._arrow())
            try:
                return self._in_session(session, work, lambda: export_frame(session, work, frame))
            except NeedsText:
                pass
        texts = PsycopgSession(self.conn)
        return self._in_session(texts, work, lambda: export_frame(texts, work, frame))

    def _in_session(self, session: Session, work: Export, write: Callable[[], None]) -> None:
        """Commit, or leave nothing behind."""
        try:
            once(session, work.full_name, write, replaces=work.replaces)
        except BaseException:
            session.rollback()
            raise
        finally:
            self._emptied.clear()
