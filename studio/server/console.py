"""A look into the local cloud: its Postgres, read only, and its buckets."""

from __future__ import annotations

from http.client import HTTPException
from typing import Any

from deployer import local
from deployer.workspace import Workspace
from studio.server.errors import StudioError
from studio.server.messages import BucketInfo, Column, ObjectInfo, Page, ProcessInfo, TableInfo
from studio.server.runs import seconds_of
from studio.server.session import Session
from studio.server.views import plain

ROW_LIMIT = 1000
TIMEOUT = "15s"
TABLES = """
select schemaname, relname, n_live_tup from pg_stat_user_tables order by 1, 2
"""


class Console:
    """What the local cloud holds; other targets have consoles of their own."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def connect(self) -> Any:
        """A connection that cannot write."""
        import psycopg

        server = local.postgres(self._local().target.base)
        try:
            return psycopg.connect(
                host=server["host"],
                port=server["port"],
                dbname=server["dbname"],
                user=server["user"],
                password=server["password"],
                options=f"-c default_transaction_read_only=on -c statement_timeout={TIMEOUT}",
                connect_timeout=5,
            )
        except psycopg.Error as error:
            raise StudioError(502, f"Postgres does not answer: {error}") from None

    def tables(self) -> list[TableInfo]:
        with self.connect() as connection:
            rows = connection.execute(TABLES).fetchall()
        return [TableInfo(schema, name, count) for schema, name, count in rows]

    def query(self, sql: str) -> Page:
        """At most 1,000 rows of one statement's result."""
        import psycopg

        with self.connect() as connection:
            try:
                cursor = connection.execute(sql)
                rows = cursor.fetchmany(ROW_LIMIT) if cursor.description else []
            except psycopg.Error as error:
                raise StudioError(400, str(error)) from None
            columns = [Column(c.name, type_name(connection, c)) for c in cursor.description or []]
        return Page(columns, [[plain(value) for value in row] for row in rows], 0, len(rows))

    def processes(self) -> list[ProcessInfo]:
        """Function processes that run on this machine now."""
        base = self._local().target.base
        try:
            told = local.ask(base, "GET", "/emulator/v1/processes", seconds=10)
        except (OSError, HTTPException, ValueError) as error:
            raise StudioError(502, f"The local cloud does not answer: {error}") from None
        return [
            ProcessInfo(
                str(item["service"]).rsplit("/", 1)[-1],
                item["pid"],
                item["requests"],
                item["memory"],
            )
            for item in told.get("processes", [])
        ]

    def buckets(self) -> list[BucketInfo]:
        target = self._local().target
        url = f"{target.endpoints.storage}/storage/v1/b"
        session = self.session.workspace().clients.executions.session
        found = session.pages(url, "listing buckets", "items", {"project": target.project_id})
        return [BucketInfo(b["name"], seconds_of(b["timeCreated"]) or 0.0) for b in found]

    def _local(self) -> Workspace:
        workspace = self.session.workspace()
        if not workspace.target.is_local:
            raise StudioError(400, "The console looks into the local cloud only")
        return workspace

    def objects(self, bucket: str, prefix: str) -> list[ObjectInfo]:
        """Objects of the target's buckets whose names start with `prefix`, at most 500."""
        workspace = self.session.workspace()
        names = [bucket] if bucket else [workspace.target.bucket, *workspace.target.buckets]
        return [found for name in names for found in stored(workspace, name, prefix)]


def stored(workspace: Workspace, bucket: str, prefix: str) -> list[ObjectInfo]:
    """Nothing before the first deployment makes the bucket."""
    from deployer.gcp.failures import Missing

    try:
        found = list(workspace.clients.objects.list(bucket, prefix, 500))
    except Missing:
        return []
    return [
        ObjectInfo(bucket, item["name"], int(item["size"]), seconds_of(item["updated"]) or 0.0)
        for item in found
    ]


def type_name(connection: Any, column: Any) -> str:
    known = connection.adapters.types.get(column.type_code)
    return known.name if known else str(column.type_code)
