"""`:getIamPolicy`, `:setIamPolicy`, `:testIamPermissions`: the same three on every resource."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json, Principal
from emulator.errors import invalid
from emulator.wire import body, route

NameOf = Callable[[Request], str]


def policy_routes(cloud: Cloud, path: str, family: str, name_of: NameOf) -> list[BaseRoute]:
    """Routes for the resource at `path`, whose permissions are `<family>.getIamPolicy` …"""
    policies = _Policies(cloud, family, name_of)
    return [
        route("GET", f"{path}:getIamPolicy", policies.get),
        route("POST", f"{path}:getIamPolicy", policies.get),
        route("POST", f"{path}:setIamPolicy", policies.set),
        route("POST", f"{path}:testIamPermissions", policies.test),
    ]


class _Policies:
    """The three methods for one kind of resource."""

    def __init__(self, cloud: Cloud, family: str, name_of: NameOf) -> None:
        self._cloud = cloud
        self._family = family
        self._name_of = name_of

    async def get(self, request: Request) -> Json:
        name = self._name_of(request)
        self._allow(request, "getIamPolicy", name)
        return self._cloud.access.policy(name)

    async def set(self, request: Request) -> Json:
        name, given = self._name_of(request), await body(request)
        self._allow(request, "setIamPolicy", name)
        if not isinstance(given.get("policy"), dict):
            raise invalid("Policy is required.")
        return self._cloud.access.set_policy(name, given["policy"])

    async def test(self, request: Request) -> Json:
        name, given = self._name_of(request), await body(request)
        caller = self._caller(request)
        asked = given.get("permissions", [])
        held = [p for p in asked if self._cloud.access.holds(caller, p, name)]
        return {"permissions": held} if held else {}

    def _caller(self, request: Request) -> Principal:
        return self._cloud.identity.caller(request.headers.get("authorization"))

    def _allow(self, request: Request, verb: str, name: str) -> None:
        self._cloud.access.require(self._caller(request), f"{self._family}.{verb}", name)
