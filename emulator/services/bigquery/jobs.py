"""jobs.*: insert, query, getQueryResults, get, list, cancel, delete."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.bigquery.errors import BigQueryError, not_found
from emulator.bigquery.jobs import Jobs
from emulator.bigquery.pages import page_of, pieces_of
from emulator.cloud import Cloud
from emulator.services.bigquery.ask import BASE, Asking, flag, nothing, number, paged, worker
from emulator.services.bigquery.waiting import begun, ended
from emulator.wire import body, route

Json = Any
FIRST = 10_000
"""Rows that the answer of jobs.query brings along. Clients read larger results over the Storage
Read API, where they have it, unless they hold most of the rows already."""
EVERY = 1 << 62
AS_QUERY = ("query", "defaultDataset", "queryParameters", "parameterMode", "useLegacySql",
            "createSession", "connectionProperties", "maximumBytesBilled")  # fmt: skip
AS_JOB = ("dryRun", "labels", "jobTimeoutMs")
PATIENCE = 10_000
"""Milliseconds to wait for a query's end (Google: "Jobs: query", timeoutMs)."""
LONGEST = 200_000
QUICK = 0.5
"""Seconds in which a cancelled job has mostly ended."""


class JobRoutes(Asking):
    def __init__(self, cloud: Cloud, jobs: Jobs) -> None:
        super().__init__(cloud)
        self._jobs = jobs

    def routes(self) -> list[BaseRoute]:
        return [
            route("POST", BASE + "/jobs", self.insert),
            route("GET", BASE + "/jobs", self.list),
            route("GET", BASE + "/jobs/{job}", self.get),
            route("POST", BASE + "/jobs/{job}/cancel", self.cancel),
            route("DELETE", BASE + "/jobs/{job}/delete", self.delete),
            route("POST", BASE + "/queries", self.query),
            route("GET", BASE + "/queries/{job}", self.results),
        ]

    async def insert(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        return await begun(self._jobs, project, given, self.caller(request))

    async def list(self, request: Request) -> Json:
        project = request.path_params["project"]
        self.allow(request, "bigquery.jobs.list", f"projects/{project}")
        found = await worker(lambda: self._jobs.all_of(project))
        jobs = [_listed(job) for job in found if _wanted(job, request)]
        return paged(request, jobs, "jobs", "bigquery#jobList")

    async def get(self, request: Request) -> Json:
        return await worker(lambda: self._found(request))

    async def cancel(self, request: Request) -> Json:
        job = await worker(lambda: self._found(request))
        if live := self._jobs.running.get(job["id"]):
            self._jobs.running.cancel(live)
            job = await ended(live, QUICK)
        return {"kind": "bigquery#jobCancelResponse", "job": job}

    async def delete(self, request: Request) -> Json:
        await worker(lambda: self._jobs.delete(self._found(request)))
        return nothing()

    def _found(self, request: Request) -> dict[str, Json]:
        params = request.path_params
        caller = self.caller(request)
        where = request.query_params.get("location", "")
        job = self._jobs.get(params["project"], params["job"], where)
        if job["user_email"] != caller.email:
            self.allow(request, "bigquery.jobs.get", f"projects/{params['project']}")
        return job

    async def query(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        config: dict[str, Json] = {"query": {k: given[k] for k in AS_QUERY if k in given}}
        config |= {key: given[key] for key in AS_JOB if key in given}
        name = {"jobId": f"job_{uuid.uuid4().hex}"}
        if given.get("location"):
            name["location"] = given["location"]
        new = {"configuration": config, "jobReference": name}
        caller = self.caller(request)
        exact = bool((given.get("formatOptions") or {}).get("useInt64Timestamp"))
        most = min(int(given.get("maxResults") or FIRST), FIRST)
        if given.get("dryRun"):
            job = await worker(lambda: self._jobs.dry(project, new, caller))
        else:
            live = await worker(lambda: self._jobs.start(project, new, caller))
            job = await ended(live, int(given.get("timeoutMs") or PATIENCE) / 1000)
        answer = await worker(lambda: self._page(job, 0, most, exact))
        return {**answer, "kind": "bigquery#queryResponse"}

    async def results(self, request: Request) -> Json:
        start = number(request, "pageToken", number(request, "startIndex", 0))
        most = number(request, "maxResults", EVERY)
        exact = flag(request, "formatOptions.useInt64Timestamp")
        job = await worker(lambda: self._found(request))
        if live := self._jobs.running.get(job["id"]):
            patience = min(number(request, "timeoutMs", PATIENCE), LONGEST)
            job = await ended(live, patience / 1000)
        return await worker(lambda: self._page(job, start, most, exact))

    def _page(self, job: dict[str, Json], start: int, most: int, exact: bool) -> dict[str, Json]:
        answer: dict[str, Json] = {
            "kind": "bigquery#getQueryResultsResponse",
            "jobReference": job["jobReference"],
            "jobComplete": job["status"]["state"] == "DONE",
            "cacheHit": False,
        }
        if not answer["jobComplete"]:
            return answer
        if failed := job["status"].get("errorResult"):
            raise BigQueryError(failed["reason"], failed["message"], failed.get("location", ""))
        told = job["statistics"].get("query", {})
        answer["totalBytesProcessed"] = told.get("totalBytesProcessed", "0")
        for key in ("schema", "numDmlAffectedRows"):
            if key in told:
                answer[key] = told[key]
        rows = self._jobs.results.open(job["id"])
        if rows is None:
            return answer | _without_rows(job)
        page = page_of(pieces_of(rows.slice(start, most)), told["schema"]["fields"], exact)
        answer["totalRows"] = str(rows.num_rows)
        answer["rows"] = page.json
        if start + page.count < rows.num_rows:
            answer["pageToken"] = str(start + page.count)
        return answer


def _without_rows(job: dict[str, Json]) -> dict[str, Json]:
    """Of a statement that has none, of a dry run, or of results that are not kept any more."""
    if "schema" not in job["statistics"].get("query", {}):
        return {}
    if job["configuration"].get("dryRun"):
        return {"totalRows": "0"}
    table = job["configuration"]["query"].get("destinationTable") or {}
    raise not_found("Table", f"{table.get('datasetId')}.{table.get('tableId')}")


def _listed(job: dict[str, Json]) -> dict[str, Json]:
    status = job["status"]
    failed = {"errorResult": status["errorResult"]} if "errorResult" in status else {}
    return {**job, "state": status["state"], **failed}


def _wanted(job: dict[str, Json], request: Request) -> bool:
    """By `parentJobId`, `stateFilter` and times; child jobs only when they are asked for."""
    asked = request.query_params
    parent = job["statistics"].get("parentJobId", "")
    states = [state.upper() for state in asked.getlist("stateFilter")]
    made = int(job["statistics"]["creationTime"])
    return (
        parent == asked.get("parentJobId", "")
        and (not states or job["status"]["state"] in states)
        and number(request, "minCreationTime", 0) <= made
        and made <= number(request, "maxCreationTime", made)
    )
