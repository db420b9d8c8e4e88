"""jobs.*: insert, query, getQueryResults, get, list, cancel, delete."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.bigquery.errors import BigQueryError
from emulator.bigquery.jobs import Jobs
from emulator.bigquery.rows import rows_json
from emulator.cloud import Cloud
from emulator.services.bigquery.ask import BASE, Asking, flag, nothing, number, paged, worker
from emulator.wire import body, route

Json = Any
PAGE = 10_000
AS_QUERY = ("query", "defaultDataset", "queryParameters", "parameterMode", "useLegacySql",
            "createSession", "connectionProperties")  # fmt: skip


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
        caller = self.caller(request)
        return await worker(lambda: self._jobs.insert(project, given, caller))

    async def list(self, request: Request) -> Json:
        project = request.path_params["project"]
        self.allow(request, "bigquery.jobs.list", f"projects/{project}")
        found = await worker(lambda: self._jobs.all_of(project))
        jobs = [
            {**{k: v for k, v in job.items() if k != "etag"}, "state": "DONE"}
            | ({"errorResult": job["status"]["errorResult"]}
               if "errorResult" in job["status"] else {})
            for job in found
        ]  # fmt: skip
        return paged(request, jobs, "jobs", "bigquery#jobList")

    async def get(self, request: Request) -> Json:
        return await worker(lambda: self._found(request))

    async def cancel(self, request: Request) -> Json:
        job = await worker(lambda: self._found(request))
        return {"kind": "bigquery#jobCancelResponse", "job": job}

    async def delete(self, request: Request) -> Json:
        await worker(lambda: self._jobs.delete(self._found(request)))
        return nothing()

    def _found(self, request: Request) -> dict[str, Json]:
        params = request.path_params
        caller = self.caller(request)
        job = self._jobs.get(params["project"], params["job"])
        if job["user_email"] != caller.email:
            self.allow(request, "bigquery.jobs.get", f"projects/{params['project']}")
        return job

    async def query(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        caller = self.caller(request)
        config: dict[str, Json] = {"query": {k: given[k] for k in AS_QUERY if k in given}}
        for key in ("dryRun", "labels", "maximumBytesBilled"):
            if key in given and key != "maximumBytesBilled":
                config[key] = given[key]
        name = {"jobId": f"job_{uuid.uuid4().hex}"}
        if given.get("location"):
            name["location"] = given["location"]
        job = await worker(
            lambda: self._jobs.insert(
                project, {"configuration": config, "jobReference": name}, caller
            )
        )
        exact = bool((given.get("formatOptions") or {}).get("useInt64Timestamp"))
        most = int(given.get("maxResults") or PAGE)
        answer = await worker(lambda: self._page(job, 0, most, exact))
        return {**answer, "kind": "bigquery#queryResponse"}

    async def results(self, request: Request) -> Json:
        start = number(request, "pageToken", number(request, "startIndex", 0))
        most = number(request, "maxResults", PAGE)
        exact = flag(request, "formatOptions.useInt64Timestamp")
        return await worker(lambda: self._page(self._found(request), start, most, exact))

    def _page(self, job: dict[str, Json], start: int, most: int, exact: bool) -> dict[str, Json]:
        if failed := job["status"].get("errorResult"):
            raise BigQueryError(failed["reason"], failed["message"], failed.get("location", ""))
        told = job["statistics"].get("query", {})
        answer: dict[str, Json] = {
            "kind": "bigquery#getQueryResultsResponse",
            "jobReference": job["jobReference"],
            "jobComplete": True,
            "cacheHit": False,
            "totalBytesProcessed": "0",
        }
        for key in ("schema", "numDmlAffectedRows"):
            if key in told:
                answer[key] = told[key]
        rows = self._jobs.results.open(job["id"])
        if rows is None:
            return answer | ({"totalRows": "0"} if "schema" in told else {})
        page = rows.slice(start, min(most, PAGE))
        answer["totalRows"] = str(rows.num_rows)
        answer["rows"] = rows_json(page, told["schema"]["fields"], exact)
        if start + page.num_rows < rows.num_rows:
            answer["pageToken"] = str(start + page.num_rows)
        return answer
