"""Cloud Run Admin API v2: `projects.locations.jobs`, their executions and tasks."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json, Principal
from emulator.errors import already_exists, invalid
from emulator.iam import policy_routes
from emulator.services.runjobs import resource
from emulator.services.runjobs.keeper import TYPE, Document, keeper_of, require_etag
from emulator.wire import body, page, route

PARENT = "/v2/projects/{project}/locations/{location}"
JOB = PARENT + "/jobs/{job}"
EXECUTION = JOB + "/executions/{execution}"
TASKS = EXECUTION + "/tasks"


class Jobs:
    """The methods; who may call them is decided here."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._keeper = keeper_of(cloud)

    def routes(self) -> list[BaseRoute]:
        return [
            *policy_routes(self._cloud, JOB, "run.jobs", job_of),
            route("POST", f"{JOB}:run", self._run),
            route("POST", f"{PARENT}/jobs", self._create),
            route("GET", f"{PARENT}/jobs", self._list),
            route("GET", JOB, self._get),
            route("PATCH", JOB, self._patch),
            route("DELETE", JOB, self._delete),
            route("POST", f"{EXECUTION}:cancel", self._cancel),
            route("GET", f"{JOB}/executions", self._executions),
            route("GET", EXECUTION, self._execution),
            route("DELETE", EXECUTION, self._delete_execution),
            route("GET", TASKS, self._tasks),
            route("GET", TASKS + "/{task}", self._task),
        ]

    # -- jobs -------------------------------------------------------------------------------

    async def _create(self, request: Request) -> Json:
        parent = parent_of(request)
        job_id = request.query_params.get("jobId", "")
        name = f"{parent}/jobs/{job_id}"
        caller = self._allow(request, "run.jobs.create", parent)
        if problem := resource.id_problem(job_id):
            raise invalid(problem)
        if self._keeper.has(name):
            raise already_exists(name)
        return self._put(request, name, await body(request), caller)

    async def _patch(self, request: Request) -> Json:
        name, given = job_of(request), await body(request)
        caller = self._allow(request, "run.jobs.update", name)
        if not self._keeper.has(name) and request.query_params.get("allowMissing") == "true":
            self._allow(request, "run.jobs.create", name)
        else:
            require_etag(given.get("etag"), self._keeper.job(name))
        return self._put(request, name, given, caller)

    def _put(self, request: Request, name: str, given: Document, caller: Principal) -> Json:
        job = resource.with_defaults(name, given)
        resource.check({**given, **job})
        self._act_as(request, job["template"]["template"]["serviceAccount"])
        made = job if validates_only(request) else self._keeper.put(name, job, caller)
        return self._done(made, "Job")

    async def _get(self, request: Request) -> Json:
        self._allow(request, "run.jobs.get", job_of(request))
        return self._keeper.job(job_of(request))

    async def _list(self, request: Request) -> Json:
        parent = parent_of(request)
        self._allow(request, "run.jobs.list", parent)
        prefix = parent.removesuffix("-") if parent.endswith("/-") else f"{parent}/jobs/"
        return page(request, self._keeper.jobs(prefix), "jobs")

    async def _delete(self, request: Request) -> Json:
        name = job_of(request)
        self._allow(request, "run.jobs.delete", name)
        job = self._keeper.job(name)
        require_etag(request.query_params.get("etag"), job)
        if validates_only(request):
            return self._done(job, "Job")

        async def work(metadata: Document) -> Json:
            return {"@type": f"{TYPE}.Job", **await self._keeper.delete(name)}

        return self._start(job, "Job", work)

    async def _run(self, request: Request) -> Json:
        """Other arguments or variables than the job's own are a right of their own."""
        name, given = job_of(request), await body(request)
        overrides = given.get("overrides") or {}
        right = "run.jobs.runWithOverrides" if overrides else "run.jobs.run"
        caller = self._allow(request, right, name)
        job = self._keeper.job(name)
        require_etag(given.get("etag"), job)
        template = self._keeper.template(job, overrides)
        if given.get("validateOnly"):
            return self._done({"name": f"{name}/executions/-"}, "Execution")
        return self._keeper.operation_of(self._keeper.run(job, template, caller))

    # -- executions -------------------------------------------------------------------------

    async def _execution(self, request: Request) -> Json:
        self._allow(request, "run.executions.get", execution_of(request))
        return self._keeper.execution(execution_of(request))

    async def _executions(self, request: Request) -> Json:
        """Of one job, or of all: `jobs/-`."""
        job = job_of(request)
        self._allow(request, "run.executions.list", job)
        prefix = job.removesuffix("-") if job.endswith("/jobs/-") else f"{job}/executions/"
        return page(request, self._keeper.executions(prefix), "executions")

    async def _cancel(self, request: Request) -> Json:
        name, given = execution_of(request), await body(request)
        self._allow(request, "run.executions.cancel", name)
        execution = self._keeper.execution(name)
        require_etag(given.get("etag"), execution)
        if given.get("validateOnly"):
            return self._done(execution, "Execution")

        async def work(metadata: Document) -> Json:
            return {"@type": f"{TYPE}.Execution", **await self._keeper.cancel(name)}

        return self._start(execution, "Execution", work)

    async def _delete_execution(self, request: Request) -> Json:
        name = execution_of(request)
        self._allow(request, "run.executions.delete", name)
        execution = self._keeper.execution(name)
        require_etag(request.query_params.get("etag"), execution)
        if validates_only(request):
            return self._done(execution, "Execution")

        async def work(metadata: Document) -> Json:
            return {"@type": f"{TYPE}.Execution", **await self._keeper.delete_execution(name)}

        return self._start(execution, "Execution", work)

    async def _task(self, request: Request) -> Json:
        name = f"{execution_of(request)}/tasks/{request.path_params['task']}"
        self._allow(request, "run.tasks.get", name)
        return self._keeper.task(name)

    async def _tasks(self, request: Request) -> Json:
        execution = execution_of(request)
        self._allow(request, "run.tasks.list", execution)
        return page(request, self._keeper.tasks(f"{execution}/tasks/"), "tasks")

    # -- answers and rights -----------------------------------------------------------------

    def _done(self, document: Document, kind: str) -> Json:
        parent = document["name"].partition("/jobs/")[0]
        typed = {"@type": f"{TYPE}.{kind}", **document}
        return self._cloud.operations("run").done(parent, typed, typed)

    def _start(self, document: Document, kind: str, work: Any) -> Json:
        parent = document["name"].partition("/jobs/")[0]
        typed = {"@type": f"{TYPE}.{kind}", **document}
        return self._cloud.operations("run").start(parent, typed, work)

    def _allow(self, request: Request, permission: str, resource: str) -> Principal:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)
        return caller

    def _act_as(self, request: Request, account: str) -> None:
        project = request.path_params["project"]
        resource = f"projects/{project}/serviceAccounts/{account}"
        self._allow(request, "iam.serviceAccounts.actAs", resource)


def validates_only(request: Request) -> bool:
    return request.query_params.get("validateOnly") == "true"


def parent_of(request: Request) -> str:
    return f"projects/{request.path_params['project']}/locations/{request.path_params['location']}"


def job_of(request: Request) -> str:
    return f"{parent_of(request)}/jobs/{request.path_params['job']}"


def execution_of(request: Request) -> str:
    return f"{job_of(request)}/executions/{request.path_params['execution']}"
