"""Resource Manager: projects, by id or number, and their IAM policy (v3, and v1 for gcloud)."""

from __future__ import annotations

from starlette.requests import Request

from emulator.cloud import Cloud, Json, Service, project_number
from emulator.iam import policy_routes
from emulator.wire import page, route

CREATED = "2024-01-01T00:00:00.000Z"


def service(cloud: Cloud) -> Service:
    projects = Projects(cloud)
    name = projects.name
    family = "resourcemanager.projects"
    return Service(
        "resourcemanager",
        [
            *policy_routes(cloud, "/v3/projects/{project}", family, name),
            *policy_routes(cloud, "/v1/projects/{project}", family, name),
            route("GET", "/v3/projects:search", projects.search),
            route("GET", "/v3/projects", projects.search),
            route("GET", "/v3/projects/{project}", projects.get),
            route("GET", "/v1/projects", projects.search_v1),
            route("GET", "/v1/projects/{project}", projects.get_v1),
        ],
    )


class Projects:
    """Every project that was ever named exists; so does the one that is asked for."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def name(self, request: Request) -> str:
        return f"projects/{request.path_params['project']}"

    async def get(self, request: Request) -> Json:
        self._allow(request)
        return _v3(request.path_params["project"])

    async def search(self, request: Request) -> Json:
        return page(request, [_v3(project) for project in self._known()], "projects")

    async def get_v1(self, request: Request) -> Json:
        self._allow(request)
        return _v1(request.path_params["project"])

    async def search_v1(self, request: Request) -> Json:
        return page(request, [_v1(project) for project in self._known()], "projects")

    def _known(self) -> list[str]:
        return [project for project, _ in self._cloud.store.list("project")]

    def _allow(self, request: Request) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, "resourcemanager.projects.get", self.name(request))


def _v3(project: str) -> dict[str, Json]:
    return {
        "name": f"projects/{project_number(project)}",
        "projectId": project,
        "displayName": project,
        "state": "ACTIVE",
        "createTime": CREATED,
        "updateTime": CREATED,
        "etag": 'W/"0"',
    }


def _v1(project: str) -> dict[str, Json]:
    return {
        "projectNumber": project_number(project),
        "projectId": project,
        "name": project,
        "lifecycleState": "ACTIVE",
        "createTime": CREATED,
    }
