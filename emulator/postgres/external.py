"""A Postgres that somebody else keeps, in the place of the embedded one.

Its URL stands in `<data>/postgres.url`, readable by the owner alone: it holds a password.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from emulator.keys import write_private
from emulator.postgres.cluster import Connection
from emulator.postgres.errors import PostgresError

FILE = "postgres.url"
EMBEDDED = "embedded"
"""Instead of a URL: the embedded server again."""
VARIABLE = "BLOCKLIFT_POSTGRES"
"""How a URL reaches a process without being seen in the list of processes."""
FORM = "Give it as postgresql://user:password@host:5432/dbname"


class NotUsable(PostgresError):
    """The URL is none, or nobody answers there as it says."""

    status = "FAILED_PRECONDITION"


def connection_of(url: str) -> Connection:
    """What the URL says; no message repeats it, because of its password."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        raise NotUsable("This is not the URL of a Postgres.", FORM) from None
    if parts.scheme not in ("postgres", "postgresql") or not parts.hostname or not parts.username:
        raise NotUsable("This is not the URL of a Postgres.", FORM)
    if further := sorted(dict(parse_qsl(parts.query))):
        raise NotUsable(f"Options in the URL are not passed on: {', '.join(further)}.", FORM)
    user, password = unquote(parts.username), unquote(parts.password or "")
    return Connection(parts.hostname, port, unquote(parts.path[1:]) or user, user, password)


def keep(data: Path, url: str) -> None:
    """From now on this one; what is wrong with the URL itself is said before."""
    if url == EMBEDDED:
        (data / FILE).unlink(missing_ok=True)
        return
    connection_of(url)
    write_private(data / FILE, url.encode())


def kept(data: Path) -> str:
    """Empty for the embedded one."""
    file = data / FILE
    return file.read_text() if file.exists() else ""


@dataclass
class External:
    """What `server.Server` is, for a server that is not ours to start or stop."""

    url: str = field(repr=False)
    used = False
    """Nothing need be brought up."""
    _version: int | None = None

    async def start(self) -> Connection:
        """Its connection, once it has taken one."""
        import psycopg

        connection = connection_of(self.url)
        facts = {**connection.to_json(), "connect_timeout": 10}
        try:
            async with await psycopg.AsyncConnection.connect(**facts) as database:  # type: ignore[arg-type]  # its keywords have many types
                self._version = database.info.server_version // 10_000
        except psycopg.Error as error:
            said = str(error).strip().replace(connection.password or "\0", "…")
            raise NotUsable(f"The Postgres that was named: {said}", FORM) from None
        return connection

    async def stop(self) -> None:
        """It goes on."""

    def state(self) -> dict[str, str | int | None]:
        known = connection_of(self.url)
        return {
            "state": "EXTERNAL",
            "version": self._version,
            "host": known.host,
            "port": known.port,
            "dbname": known.dbname,
            "user": known.user,
        }
