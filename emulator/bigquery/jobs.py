"""Jobs: what they are on the wire, and how each kind is run (Google: "Jobs" resource).

A job runs to its end before it is answered, so its first state on the wire is DONE.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.bigquery import extracting, loading, queries
from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.errors import BigQueryError, duplicate, invalid, not_found
from emulator.bigquery.parameters import values_of
from emulator.bigquery.results import Results
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud, Principal
from emulator.errors import ApiError

Json = Any
HIDDEN = "_blocklift_results"
"""The dataset of results of queries without a destination."""
KINDS = {"query": "QUERY", "load": "LOAD", "copy": "COPY", "extract": "EXTRACT"}


class Jobs:
    """Every job of this emulator. All of it blocks: call it from a worker thread."""

    def __init__(self, cloud: Cloud, warehouse: Warehouse, buckets: extracting.Buckets) -> None:
        self._cloud = cloud
        self._warehouse = warehouse
        self._buckets = buckets
        self.results = Results(warehouse.folder / "results")

    def insert(
        self, project: str, given: dict[str, Json], caller: Principal, upload: Path | None = None
    ) -> dict[str, Json]:
        self._cloud.access.require(caller, "bigquery.jobs.create", f"projects/{project}")
        job = self._new(project, given, caller)
        config = job["configuration"]
        try:
            self._run(job, config, caller, upload)
        except BigQueryError as error:
            job["status"] |= {"errorResult": error.proto(), "errors": [error.proto()]}
        except ApiError as error:
            proto = {"reason": _reason(error), "message": error.message}
            job["status"] |= {"errorResult": proto, "errors": [proto]}
        job["statistics"]["endTime"] = _now()
        if not config.get("dryRun"):
            self._cloud.store.put("bigquery-job", job["id"], job)
        elif proto := job["status"].get("errorResult"):
            raise BigQueryError(proto["reason"], proto["message"], proto.get("location", ""))
        return job

    def get(self, project: str, job_id: str) -> dict[str, Json]:
        for _, job in self._cloud.store.list("bigquery-job", f"{project}:"):
            if job["jobReference"]["jobId"] == job_id:
                found: dict[str, Json] = job
                return found
        raise not_found("Job", f"{project}:{job_id}")

    def all_of(self, project: str) -> list[dict[str, Json]]:
        jobs = [job for _, job in self._cloud.store.list("bigquery-job", f"{project}:")]
        return sorted(jobs, key=lambda job: -int(job["statistics"]["creationTime"]))

    def delete(self, job: dict[str, Json]) -> None:
        self._cloud.store.delete("bigquery-job", job["id"])
        self.results.drop(job["id"])

    # -- running ----------------------------------------------------------------------------

    def _new(self, project: str, given: dict[str, Json], caller: Principal) -> dict[str, Json]:
        reference = given.get("jobReference") or {}
        job_id = reference.get("jobId") or f"job_{uuid.uuid4().hex}"
        location = reference.get("location") or self._cloud.settings.region
        name = f"{project}:{location}.{job_id}"
        if self._cloud.store.get("bigquery-job", name):
            raise duplicate("Job", name)
        config = dict(given.get("configuration") or {})
        kind = next((kind for kind in KINDS if kind in config), None)
        if kind is None:
            raise invalid("Required parameter is missing: query, load, copy or extract")
        config["jobType"] = KINDS[kind]
        now = _now()
        return {
            "kind": "bigquery#job",
            "id": name,
            "jobReference": {"projectId": project, "jobId": job_id, "location": location},
            "configuration": config,
            "user_email": caller.email,
            "status": {"state": "DONE"},
            "statistics": {"creationTime": now, "startTime": now},
        }

    def _run(
        self, job: dict[str, Json], config: dict[str, Json], caller: Principal, upload: Path | None
    ) -> None:
        if "query" in config:
            self._query(job, config["query"], caller)
        elif "load" in config:
            self._load(job, config["load"], caller, upload)
        elif "copy" in config:
            self._copy(config["copy"], caller)
        else:
            made = extracting.extract(self._warehouse, config["extract"], self._buckets, caller,
                                      self._allow(caller))  # fmt: skip
            job["statistics"]["extract"] = made

    def _allow(self, caller: Principal) -> Callable[[str, str], None]:
        def allow(permission: str, resource: str) -> None:
            if not self._cloud.access.holds(caller, permission, resource):
                kind = "Table" if "/tables/" in resource else "Dataset"
                name = resource.removeprefix("projects/").replace("/datasets/", ":")
                name = name.replace("/tables/", ".")
                raise BigQueryError(
                    "accessDenied",
                    f"Access Denied: {kind} {name}: User does not have permission {permission} on "
                    f"resource {resource} (or it may not exist).",
                )

        return allow

    def _query(self, job: dict[str, Json], config: dict[str, Json], caller: Principal) -> None:
        if config.get("useLegacySql"):
            raise invalid("This emulator has GoogleSQL only: set useLegacySql to false.")
        default = config.get("defaultDataset")
        project = job["jobReference"]["projectId"]
        context = Context(
            source=config.get("query") or "",
            project=project,
            default=(default.get("projectId") or project, default["datasetId"])
            if default
            else None,
            region=self._cloud.settings.region,
            files=lambda uri: self._buckets.files(uri, caller),
            allow=self._allow(caller),
            values=values_of(config.get("queryParameters") or []),
        )
        dry = bool(job["configuration"].get("dryRun"))
        outcomes = queries.run(self._warehouse, context, config, dry)
        last = next((o for o in reversed(outcomes) if o.schema is not None), outcomes[-1])
        self._tell(job, context, outcomes, last)
        if last.rows is not None:
            self.results.keep(job["id"], last.rows)

    def _tell(
        self, job: dict[str, Json], context: Context, outcomes: list[Outcome], last: Outcome
    ) -> None:
        told: dict[str, Json] = {
            "statementType": last.kind if len(outcomes) == 1 else "SCRIPT",
            "totalBytesProcessed": "0",
            "totalBytesBilled": "0",
            "cacheHit": False,
            "referencedTables": [ref.json() for ref in dict.fromkeys(context.referenced)],
        }
        if last.schema is not None:
            told["schema"] = {"fields": last.schema}
            if "destinationTable" not in job["configuration"]["query"]:
                job["configuration"]["query"] = {
                    **job["configuration"]["query"], "destinationTable": _hidden(job)}  # fmt: skip
        if last.affected is not None:
            told["numDmlAffectedRows"] = str(last.affected)
            told["dmlStats"] = last.stats
        if last.operation:
            told["ddlOperationPerformed"] = last.operation
            if last.target:
                told["ddlTargetTable"] = last.target.json()
        job["statistics"] |= {"query": told, "totalBytesProcessed": "0"}
        if len(outcomes) > 1:
            job["statistics"]["numChildJobs"] = str(len(outcomes))

    def _load(
        self, job: dict[str, Json], config: dict[str, Json], caller: Principal, upload: Path | None
    ) -> None:
        ref = Ref.of(config["destinationTable"])
        self._allow(caller)(
            "bigquery.tables.updateData", f"projects/{ref.project}/datasets/{ref.dataset}"
        )
        paths = [upload] if upload else [
            path for uri in config.get("sourceUris") or []
            for path in self._buckets.files(uri, caller, must=True)]  # fmt: skip
        job["statistics"]["load"] = loading.load(self._warehouse, config, paths)

    def _copy(self, config: dict[str, Json], caller: Principal) -> None:
        target = Ref.of(config["destinationTable"])
        sources = [Ref.of(t) for t in config.get("sourceTables") or [config["sourceTable"]]]
        allow = self._allow(caller)
        for source in sources:
            allow("bigquery.tables.getData", source.resource)
        allow("bigquery.tables.create", f"projects/{target.project}/datasets/{target.dataset}")
        extracting.copy(self._warehouse, sources, target, config)


def _hidden(job: dict[str, Json]) -> dict[str, str]:
    """Where Google would keep the rows of a query without a destination."""
    reference = job["jobReference"]
    return {"projectId": reference["projectId"], "datasetId": HIDDEN,
            "tableId": "anon" + reference["jobId"].replace("-", "_")}  # fmt: skip


def _reason(error: ApiError) -> str:
    by_code = {404: "notFound", 403: "accessDenied", 409: "duplicate"}
    return by_code.get(error.code, "invalid")


def _now() -> str:
    return str(int(time.time() * 1000))
