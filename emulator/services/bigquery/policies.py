"""tables.getIamPolicy, setIamPolicy and testIamPermissions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.bigquery import catalog
from emulator.bigquery.catalog import Ref
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud
from emulator.services.bigquery.ask import BASE, Asking, worker
from emulator.wire import body, route

Json = Any
ONE = BASE + "/datasets/{dataset}/tables/{table}"


class Policies(Asking):
    def __init__(self, cloud: Cloud, warehouse: Warehouse) -> None:
        super().__init__(cloud)
        self._warehouse = warehouse

    def routes(self) -> list[BaseRoute]:
        return [
            route("POST", ONE + ":getIamPolicy", self.get),
            route("POST", ONE + ":setIamPolicy", self.set),
            route("POST", ONE + ":testIamPermissions", self.test),
        ]

    async def get(self, request: Request) -> Json:
        return self.cloud.access.policy(await self._table(request, "bigquery.tables.getIamPolicy"))

    async def set(self, request: Request) -> Json:
        given = await body(request)
        resource = await self._table(request, "bigquery.tables.setIamPolicy")
        return self.cloud.access.set_policy(resource, given.get("policy") or {})

    async def test(self, request: Request) -> Json:
        given, caller = await body(request), self.caller(request)
        resource = await self._table(request, "")
        held = [one for one in given.get("permissions") or []
                if self.cloud.access.holds(caller, one, resource)]  # fmt: skip
        return {"permissions": held} if held else {}

    async def _table(self, request: Request, permission: str) -> str:
        """IAM's name of a table that is there, for who may."""
        params = request.path_params
        ref = Ref(params["project"], params["dataset"], params["table"])
        if permission:
            self.allow(request, permission, ref.resource)

        def work() -> None:
            with self._warehouse.read() as cursor:
                catalog.get_table(cursor, ref)

        await worker(work)
        return ref.resource
