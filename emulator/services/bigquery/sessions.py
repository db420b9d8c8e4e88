"""The rows that read sessions of the Storage Read API stream."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulator.bigquery import catalog, fields
from emulator.bigquery.catalog import Ref
from emulator.bigquery.errors import unsupported
from emulator.bigquery.jobs import Jobs
from emulator.bigquery.results import Results
from emulator.bigquery.telling import HIDDEN
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud, Principal
from emulator.errors import ApiError

AGE = 6 * 3600.0
"""Google: "CreateReadSession", a session expires at least six hours after it was made."""
BATCH = 65_536


@dataclass(frozen=True, slots=True)
class _Session:
    owner: str
    columns: tuple[str, ...]
    """All of them, if none."""
    made: float


class Sessions:
    """The `Source` of `emulator.rpc.bigquery_read`. Sessions end with the emulator."""

    def __init__(self, cloud: Cloud, warehouse: Warehouse, jobs: Jobs) -> None:
        self._cloud = cloud
        self._warehouse = warehouse
        self._jobs = jobs
        self._rows = Results(warehouse.folder / "sessions")
        self._live: dict[str, _Session] = {}

    def take(
        self, session: str, table: str, columns: Sequence[str], restriction: str, caller: Principal
    ) -> Any:
        if restriction:
            raise unsupported("row_restriction of read sessions")
        _, project, _, dataset, _, name = table.split("/")
        self._cloud.access.require(caller, "bigquery.readsessions.create", f"projects/{project}")
        ref = Ref(project, dataset, name)
        self._end_old()
        if dataset == HIDDEN:
            self._take_result(session, ref, caller)
        else:
            self._take_table(session, ref, caller)
        self._live[session] = _Session(caller.email, tuple(columns), time.monotonic())
        return self.open(session, caller)

    def _end_old(self) -> None:
        oldest = time.monotonic() - AGE
        for name in [name for name, one in list(self._live.items()) if one.made < oldest]:
            self._live.pop(name, None)
            self._rows.drop(name)

    def _take_table(self, session: str, ref: Ref, caller: Principal) -> None:
        """As it is now."""
        self._cloud.access.require(caller, "bigquery.tables.getData", ref.resource)
        with self._warehouse.read() as cursor:
            found = catalog.get_table(cursor, ref)
            if found["type"] != "TABLE":
                raise unsupported(f"read sessions of a {found['type']}")
            listed = ", ".join(fields.quoted(f["name"]) for f in found["schema"]["fields"])
            sql = f"select {listed} from {ref.duck}"
            self._rows.keep(session, cursor.sql(sql).to_arrow_reader(BATCH))

    def _take_result(self, session: str, ref: Ref, caller: Principal) -> None:
        """Of a query without a destination: its rows lie there already, and never change."""
        self._jobs.rows_of(ref.json(), caller)
        job = self._jobs.maker_of(ref.json())["id"]
        self._jobs.results.lend(job, self._rows, session)

    def open(self, session: str, caller: Principal) -> Any:
        live, rows = self._live.get(session), self._rows.open(session)
        if live is None or rows is None or live.owner != caller.email:
            raise ApiError("NOT_FOUND", f"Not found: read session {session}")
        return rows.select(list(live.columns)) if live.columns else rows
