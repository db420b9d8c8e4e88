"""Cloud Run Admin API v1: those methods of `namespaces` that Workflows' connector uses.

A job is looked for at the location that the host names (`europe-west1-run.googleapis.com`). The
global endpoint, where Google only reads, stands here for whichever location has the job.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json, Principal, Service
from emulator.errors import not_found
from emulator.services.runjobs import shapes
from emulator.services.runjobs.keeper import Document, keeper_of
from emulator.wire import body, route

NAMESPACE = "/apis/run.googleapis.com/v1/namespaces/{namespace}"
REGIONAL = re.compile(r"([a-z0-9-]+)-run\.googleapis\.com(?::\d+)?")


def service(cloud: Cloud) -> Service:
    return Service("run-v1", Namespaces(cloud).routes())


class Namespaces:
    """Reads and runs; jobs are made with version 2."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._keeper = keeper_of(cloud)

    def routes(self) -> list[BaseRoute]:
        return [
            route("GET", f"{NAMESPACE}/jobs", self._jobs),
            route("GET", f"{NAMESPACE}/jobs/{{job}}", self._job),
            route("POST", f"{NAMESPACE}/jobs/{{job}}:run", self._run),
            route("GET", f"{NAMESPACE}/executions", self._executions),
            route("GET", f"{NAMESPACE}/executions/{{execution}}", self._execution),
            route("POST", f"{NAMESPACE}/executions/{{execution}}:cancel", self._cancel),
            route("GET", f"{NAMESPACE}/tasks", self._tasks),
        ]

    async def _jobs(self, request: Request) -> Json:
        place = self._place(request)
        self._allow(request, "run.jobs.list", place)
        return listed("JobList", [shapes.job(one) for one in self._keeper.jobs(place)])

    async def _job(self, request: Request) -> Json:
        return shapes.job(self._found_job(request, "run.jobs.get"))

    async def _run(self, request: Request) -> Json:
        given = (await body(request)).get("overrides") or {}
        right = "run.jobs.runWithOverrides" if given else "run.jobs.run"
        job = self._found_job(request, right)
        template = self._keeper.template(job, shapes.overrides(given))
        return shapes.execution(self._keeper.run(job, template, self._caller(request)))

    async def _executions(self, request: Request) -> Json:
        place = self._place(request)
        self._allow(request, "run.executions.list", place)
        found = self._keeper.executions(place)
        return listed("ExecutionList", [shapes.execution(one) for one in found])

    async def _execution(self, request: Request) -> Json:
        return shapes.execution(self._found_execution(request, "run.executions.get"))

    async def _cancel(self, request: Request) -> Json:
        execution = self._found_execution(request, "run.executions.cancel")
        return shapes.execution(await self._keeper.cancel(execution["name"]))

    async def _tasks(self, request: Request) -> Json:
        place = self._place(request)
        self._allow(request, "run.tasks.list", place)
        return listed("TaskList", [shapes.task(one) for one in self._keeper.tasks(place)])

    # -- finding ----------------------------------------------------------------------------

    def _place(self, request: Request) -> str:
        """What the names of everything in this namespace begin with, at this endpoint."""
        project = self._cloud.projects.id_of(request.path_params["namespace"])
        regional = REGIONAL.fullmatch(request.headers.get("host", ""))
        location = f"{regional[1]}/" if regional else ""
        return f"projects/{project}/locations/{location}"

    def _found_job(self, request: Request, permission: str) -> Document:
        short = request.path_params["job"]
        found = self._one(f"/jobs/{short}", self._keeper.jobs(self._place(request)))
        return self._allowed(request, permission, found, f"jobs/{short}")

    def _found_execution(self, request: Request, permission: str) -> Document:
        short = request.path_params["execution"]
        found = self._one(f"/executions/{short}", self._keeper.executions(self._place(request)))
        return self._allowed(request, permission, found, f"executions/{short}")

    def _one(self, end: str, documents: list[Document]) -> Document | None:
        return next((one for one in documents if one["name"].endswith(end)), None)

    def _allowed(
        self, request: Request, permission: str, found: Document | None, name: str
    ) -> Document:
        place = self._place(request)
        self._allow(request, permission, found["name"] if found else place.rstrip("/"))
        if found is None:
            raise not_found(f"namespaces/{request.path_params['namespace']}/{name}")
        return found

    def _caller(self, request: Request) -> Principal:
        return self._cloud.identity.caller(request.headers.get("authorization"))

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        self._cloud.access.require(self._caller(request), permission, resource)


def listed(kind: str, items: list[dict[str, Json]]) -> dict[str, Json]:
    return {"apiVersion": shapes.VERSION, "kind": kind, "items": items}
