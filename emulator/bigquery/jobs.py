"""Jobs: what they are on the wire, from their making to their end (Google: "Jobs" resource).

jobs          resources, and who may see them      running      threads, states, cancelling
performing    what each kind does                  children     the statements of scripts
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from emulator.bigquery import extracting
from emulator.bigquery.children import KIND, Children
from emulator.bigquery.errors import BigQueryError, duplicate, invalid, not_found
from emulator.bigquery.performing import Performer
from emulator.bigquery.results import Results
from emulator.bigquery.retention import Retention
from emulator.bigquery.running import Live, Running, outcome_of
from emulator.bigquery.telling import ANON, now
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud, Principal

Json = Any
KINDS = {"query": "QUERY", "load": "LOAD", "copy": "COPY", "extract": "EXTRACT"}
UNFINISHED = "bigquery-unfinished"


class Jobs:
    """Every job of this emulator."""

    def __init__(self, cloud: Cloud, warehouse: Warehouse, buckets: extracting.Buckets) -> None:
        self._cloud = cloud
        self._warehouse = warehouse
        self.results = Results(warehouse.folder / "results")
        self._performer = Performer(cloud, warehouse, buckets, self.results)
        self._children = Children(cloud.store, self.results)
        self.running = Running(self._finished)
        self._retention = Retention(cloud.store, warehouse.folder, self.results)

    def start(
        self, project: str, given: dict[str, Json], caller: Principal, upload: Path | None = None
    ) -> Live:
        """Begin it. `upload`, a load's file, is the job's from now on."""
        self._cloud.access.require(caller, "bigquery.jobs.create", f"projects/{project}")
        self._retention.perhaps()
        job = self._new(project, given, caller)
        self._cloud.store.put(UNFINISHED, job["id"], {})
        self._cloud.store.put(KIND, job["id"], job)

        def work(draft: dict[str, Json]) -> None:
            try:
                self._performer.run(draft, caller, upload)
            finally:
                self._children.keep(draft, draft.pop("outcomes", []))
                if upload is not None:
                    upload.unlink(missing_ok=True)

        return self.running.start(job, work)

    def dry(self, project: str, given: dict[str, Json], caller: Principal) -> dict[str, Json]:
        """What a job would do: DONE when it is answered, and not kept. Blocks."""
        self._cloud.access.require(caller, "bigquery.jobs.create", f"projects/{project}")
        job = self._new(project, given, caller)
        if error := outcome_of(lambda: self._performer.run(job, caller, None)):
            raise error
        job.pop("outcomes", None)
        job["status"] = {"state": "DONE"}
        job["statistics"]["endTime"] = now()
        return job

    def get(self, project: str, job_id: str, location: str = "") -> dict[str, Json]:
        name = f"{project}:{location or self._cloud.settings.region}.{job_id}"
        if found := self._seen(name):
            return found
        if not location:
            for name, _ in self._cloud.store.list(KIND, f"{project}:"):
                if name.endswith(f".{job_id}") and (found := self._seen(name)):
                    return found
        raise not_found("Job", f"{project}:{job_id}")

    def _seen(self, name: str) -> dict[str, Json] | None:
        live = self.running.get(name)
        found: dict[str, Json] | None = live.job if live else self._cloud.store.get(KIND, name)
        return found

    def all_of(self, project: str) -> list[dict[str, Json]]:
        """Newest first."""
        jobs = [live.job if (live := self.running.get(name)) else job
                for name, job in self._cloud.store.list(KIND, f"{project}:")]  # fmt: skip
        return sorted(jobs, key=lambda job: -int(job["statistics"]["creationTime"]))

    def rows_of(
        self, table: dict[str, str], caller: Principal
    ) -> tuple[list[dict[str, Json]], Any]:
        """Schema and rows of the query whose hidden destination `table` is."""
        job = self.maker_of(table)
        if job["user_email"] != caller.email:
            raise BigQueryError("accessDenied", f"Access Denied: Table {_shown(table)}")
        if (rows := self.results.open(job["id"])) is None:
            raise not_found("Table", _shown(table))
        return job["statistics"]["query"]["schema"]["fields"], rows

    def maker_of(self, table: dict[str, str]) -> dict[str, Json]:
        """The query whose hidden destination `table` is."""
        try:
            job = self.get(table["projectId"], table["tableId"].removeprefix(ANON))
        except BigQueryError:
            raise not_found("Table", _shown(table)) from None
        if (job["configuration"].get("query") or {}).get("destinationTable") != table:
            raise not_found("Table", _shown(table))
        return job

    def delete(self, job: dict[str, Json]) -> None:
        self._cloud.store.delete(KIND, job["id"])
        self.results.drop(job["id"])

    # -- beginnings and ends --------------------------------------------------------------------

    def _new(self, project: str, given: dict[str, Json], caller: Principal) -> dict[str, Json]:
        reference = given.get("jobReference") or {}
        job_id = reference.get("jobId") or f"job_{uuid.uuid4().hex}"
        location = reference.get("location") or self._cloud.settings.region
        name = f"{project}:{location}.{job_id}"
        if self._cloud.store.get(KIND, name):
            raise duplicate("Job", name)
        config = dict(given.get("configuration") or {})
        kind = next((kind for kind in KINDS if kind in config), None)
        if kind is None:
            raise invalid("Required parameter is missing: query, load, copy or extract")
        config["jobType"] = KINDS[kind]
        return {
            "kind": "bigquery#job",
            "id": name,
            "jobReference": {"projectId": project, "jobId": job_id, "location": location},
            "configuration": config,
            "user_email": caller.email,
            "status": {"state": "PENDING"},
            "statistics": {"creationTime": now()},
        }

    def _finished(self, job: dict[str, Json]) -> None:
        self._cloud.store.put(KIND, job["id"], job)
        self._cloud.store.delete(UNFINISHED, job["id"])

    def recover(self) -> None:
        """Jobs that the end of an earlier emulator cut off: done, if the warehouse has what they
        wrote, and failed otherwise.
        """
        self._retention.begin()
        names = [name for name, _ in self._cloud.store.list(UNFINISHED)
                 if self.running.get(name) is None]  # fmt: skip
        if not names:
            return
        committed = self._warehouse.committed()
        for name in names:
            if job := self._cloud.store.get(KIND, name):
                self.results.settle(name)
                self._finished(_cut_off(job, committed.get(name)))
        self._warehouse.forget([name for name in committed if self.running.get(name) is None])

    def end(self) -> None:
        self._warehouse.stop()
        self.running.end(patience=5.0)
        self._retention.end()


def _shown(table: dict[str, str]) -> str:
    return f"{table['projectId']}:{table['datasetId']}.{table['tableId']}"


def _cut_off(job: dict[str, Json], told: dict[str, Json] | None) -> dict[str, Json]:
    times = {"startTime": job["statistics"]["creationTime"], "endTime": now()}
    job["statistics"] = {**job["statistics"], **times, **(told or {})}
    job["status"] = {"state": "DONE"}
    if told is None:
        error = BigQueryError(
            "stopped",  # clients repeat a "backendError" by themselves, for minutes
            "The emulator was ended while this job ran. Nothing that it had begun was kept; "
            "statements of a script that were done before stay done. Run it again.",
        ).proto()
        job["status"] |= {"errorResult": error, "errors": [error]}
    return job
