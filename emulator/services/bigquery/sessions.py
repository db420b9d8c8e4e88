"""The rows that read sessions of the Storage Read API stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.bigquery import catalog, fields
from emulator.bigquery.catalog import Ref
from emulator.bigquery.errors import unsupported
from emulator.bigquery.jobs import Jobs
from emulator.bigquery.telling import HIDDEN
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud, Principal
from emulator.errors import ApiError


class Sessions:
    """The `Source` of `emulator.rpc.bigquery_read`."""

    def __init__(self, cloud: Cloud, warehouse: Warehouse, jobs: Jobs) -> None:
        self._cloud = cloud
        self._warehouse = warehouse
        self._jobs = jobs
        self._owners: dict[str, str] = {}

    def take(
        self, session: str, table: str, columns: Sequence[str], restriction: str, caller: Principal
    ) -> Any:
        if restriction:
            raise unsupported("row_restriction of read sessions")
        _, project, _, dataset, _, name = table.split("/")
        self._cloud.access.require(caller, "bigquery.readsessions.create", f"projects/{project}")
        ref = Ref(project, dataset, name)
        rows = self._result(ref, caller) if dataset == HIDDEN else self._table(ref, caller)
        rows = rows.select(list(columns)) if columns else rows
        self._jobs.results.keep(session, rows)
        self._owners[session] = caller.email
        return rows

    def _table(self, ref: Ref, caller: Principal) -> Any:
        self._cloud.access.require(caller, "bigquery.tables.getData", ref.resource)
        with self._warehouse.read() as cursor:
            found = catalog.get_table(cursor, ref)
            if found["type"] != "TABLE":
                raise unsupported(f"read sessions of a {found['type']}")
            listed = ", ".join(fields.quoted(f["name"]) for f in found["schema"]["fields"])
            return cursor.sql(f"select {listed} from {ref.duck}").to_arrow_table()

    def _result(self, ref: Ref, caller: Principal) -> Any:
        """Of a query without a destination."""
        return self._jobs.rows_of(ref.json(), caller)[1]

    def open(self, session: str, caller: Principal) -> Any:
        rows = self._jobs.results.open(session)
        if rows is None or self._owners.get(session) != caller.email:
            raise ApiError("NOT_FOUND", f"Not found: read session {session}")
        return rows
