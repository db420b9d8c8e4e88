"""datasets.* and projects.*."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.bigquery import catalog
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud, project_number
from emulator.services.bigquery.ask import BASE, Asking, flag, nothing, paged, worker
from emulator.wire import body, route

Json = Any
ONE = BASE + "/datasets/{dataset}"


class Datasets(Asking):
    def __init__(self, cloud: Cloud, warehouse: Warehouse) -> None:
        super().__init__(cloud)
        self._warehouse = warehouse

    def routes(self) -> list[BaseRoute]:
        return [
            route("GET", "/bigquery/v2/projects", self.projects),
            route("GET", BASE + "/serviceAccount", self.account),
            route("GET", BASE + "/datasets", self.list),
            route("POST", BASE + "/datasets", self.create),
            route("GET", ONE, self.get),
            route("PATCH", ONE, self.patch),
            route("PUT", ONE, self.patch),
            route("DELETE", ONE, self.delete),
        ]

    async def projects(self, request: Request) -> Json:
        project = self.cloud.settings.project_id
        one = {
            "kind": "bigquery#project",
            "id": project,
            "numericId": project_number(project),
            "projectReference": {"projectId": project},
            "friendlyName": project,
        }
        return {"kind": "bigquery#projectList", "etag": "", "projects": [one], "totalItems": 1}

    async def account(self, request: Request) -> Json:
        number = project_number(request.path_params["project"])
        email = f"bq-{number}@bigquery-encryption.iam.gserviceaccount.com"
        return {"kind": "bigquery#getServiceAccountResponse", "email": email}

    async def list(self, request: Request) -> Json:
        project = request.path_params["project"]
        self.allow(request, "bigquery.datasets.get", f"projects/{project}")

        def work() -> Json:
            with self._warehouse.read() as cursor:
                return catalog.list_datasets(cursor, project)

        kept = ("kind", "id", "datasetReference", "labels", "location", "friendlyName")
        found = [{k: d[k] for k in kept if k in d} for d in await worker(work)]
        return paged(request, found, "datasets", "bigquery#datasetList")

    async def create(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        self.allow(request, "bigquery.datasets.create", f"projects/{project}")

        def work() -> Json:
            with self._warehouse.write() as cursor:
                region = self.cloud.settings.region
                return catalog.create_dataset(cursor, project, given, region)

        return await worker(work)

    async def get(self, request: Request) -> Json:
        project, dataset = self._named(request, "bigquery.datasets.get")

        def work() -> Json:
            with self._warehouse.read() as cursor:
                return catalog.get_dataset(cursor, project, dataset)

        return await worker(work)

    async def patch(self, request: Request) -> Json:
        project, dataset = self._named(request, "bigquery.datasets.update")
        given, etag = await body(request), request.headers.get("if-match", "")

        def work() -> Json:
            with self._warehouse.write() as cursor:
                return catalog.change_dataset(cursor, project, dataset, given, etag)

        return await worker(work)

    async def delete(self, request: Request) -> Json:
        project, dataset = self._named(request, "bigquery.datasets.delete")

        def work() -> None:
            with self._warehouse.write() as cursor:
                catalog.delete_dataset(cursor, project, dataset, flag(request, "deleteContents"))

        await worker(work)
        return nothing()

    def _named(self, request: Request, permission: str) -> tuple[str, str]:
        project, dataset = request.path_params["project"], request.path_params["dataset"]
        self.allow(request, permission, f"projects/{project}/datasets/{dataset}")
        return project, dataset
