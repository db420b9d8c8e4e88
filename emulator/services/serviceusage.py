"""Service Usage v1: which APIs a project has switched on. Here all of them are."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json, Operations, Service, project_number
from emulator.errors import ApiError
from emulator.wire import body, page, route

APIS = (
    "artifactregistry", "bigquery", "bigquerystorage", "cloudbuild", "cloudfunctions",
    "cloudresourcemanager", "cloudscheduler", "eventarc", "iam", "iamcredentials", "logging",
    "pubsub", "run", "secretmanager", "serviceusage", "storage", "storage-component",
    "workflowexecutions", "workflows",
)  # fmt: skip


def service(cloud: Cloud) -> Service:
    return Service("serviceusage", Usage(cloud.operations("serviceusage")).routes())


class Usage:
    """Listing and enabling; disabling is refused, for nothing would change."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def routes(self) -> list[BaseRoute]:
        services = "/v1/projects/{project}/services"
        return [
            route("GET", services, self._list),
            route("POST", f"{services}:batchEnable", self._batch_enable),
            route("GET", f"{services}:batchGet", self._batch_get),
            route("POST", f"{services}/{{api}}:enable", self._enable),
            route("POST", f"{services}/{{api}}:disable", self._disable),
            route("GET", f"{services}/{{api}}", self._get),
        ]

    async def _list(self, request: Request) -> Json:
        wanted = request.query_params.get("filter", "")
        project = request.path_params["project"]
        found = [] if "DISABLED" in wanted else [_api(project, f"{a}.googleapis.com") for a in APIS]
        return page(request, found, "services", default=50, most=200)

    async def _get(self, request: Request) -> Json:
        return _api(request.path_params["project"], request.path_params["api"])

    async def _batch_get(self, request: Request) -> Json:
        names = [name.rpartition("/")[2] for name in request.query_params.getlist("names")]
        return {"services": [_api(request.path_params["project"], name) for name in names]}

    async def _enable(self, request: Request) -> Json:
        project = request.path_params["project"]
        api = _api(project, request.path_params["api"])
        kind = "type.googleapis.com/google.api.serviceusage.v1.EnableServiceResponse"
        return self._operations.done(f"projects/{project}", {}, {"@type": kind, "service": api})

    async def _batch_enable(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        apis = [_api(project, name) for name in given.get("serviceIds", ())]
        kind = "type.googleapis.com/google.api.serviceusage.v1.BatchEnableServicesResponse"
        return self._operations.done(f"projects/{project}", {}, {"@type": kind, "services": apis})

    async def _disable(self, request: Request) -> Json:
        name = request.path_params["api"]
        raise ApiError("FAILED_PRECONDITION", f"{name} cannot be disabled in this emulator.")


def _api(project: str, name: str) -> dict[str, Json]:
    number = project_number(project)
    return {
        "name": f"projects/{number}/services/{name}",
        "parent": f"projects/{number}",
        "config": {"name": name},
        "state": "ENABLED",
    }
