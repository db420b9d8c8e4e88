"""Roles."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Json
from emulator.errors import ApiError
from emulator.roles import predefined
from emulator.services.iam.common import Part
from emulator.wire import apply_mask, body, mask_of, page, route


class Roles(Part):
    """Predefined roles to read, custom roles of a project to make."""

    def routes(self) -> list[BaseRoute]:
        roles = "/v1/projects/{project}/roles"
        return [
            route("GET", "/v1/roles", self._list_predefined),
            route("GET", "/v1/roles/{role:path}", self._get_predefined),
            route("POST", roles, self._create),
            route("GET", roles, self._list),
            route("GET", f"{roles}/{{role}}", self._get),
            route("PATCH", f"{roles}/{{role}}", self._patch),
            route("DELETE", f"{roles}/{{role}}", self._delete),
        ]

    async def _list_predefined(self, request: Request) -> Json:
        found = [_role(name, patterns) for name, patterns in predefined().items()]
        return page(request, found, "roles", default=300)

    async def _get_predefined(self, request: Request) -> Json:
        name = f"roles/{request.path_params['role']}"
        if name not in predefined():
            raise ApiError("NOT_FOUND", f"The role named {name} was not found.")
        return _role(name, predefined()[name])

    async def _create(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        self.allow(request, "iam.roles.create", f"projects/{project}")
        name = f"projects/{project}/roles/{given.get('roleId', '')}"
        role = {**(given.get("role") or {}), "name": name, "etag": "BwWWja0YfJA="}
        if not self.store.create("role", name, role):
            raise ApiError("ALREADY_EXISTS", f"A role named {name} already exists.")
        return role

    async def _list(self, request: Request) -> Json:
        parent = f"projects/{request.path_params['project']}"
        self.allow(request, "iam.roles.list", parent)
        return page(request, [r for _, r in self.store.list("role", f"{parent}/roles/")], "roles")

    async def _get(self, request: Request) -> Json:
        name = self._role_name(request)
        self.allow(request, "iam.roles.get", name)
        return self._custom(name)

    async def _patch(self, request: Request) -> Json:
        name, given = self._role_name(request), await body(request)
        self.allow(request, "iam.roles.update", name)
        role = self._custom(name)
        apply_mask(role, given, mask_of(request, given))
        self.store.put("role", name, role)
        return role

    async def _delete(self, request: Request) -> Json:
        name = self._role_name(request)
        self.allow(request, "iam.roles.delete", name)
        role = self._custom(name)
        self.store.delete("role", name)
        return {**role, "deleted": True}

    def _role_name(self, request: Request) -> str:
        return f"projects/{request.path_params['project']}/roles/{request.path_params['role']}"

    def _custom(self, name: str) -> dict[str, Any]:
        role: dict[str, Any] | None = self.store.get("role", name)
        if role is None:
            raise ApiError("NOT_FOUND", f"The role named {name} was not found.")
        return role


def _role(name: str, patterns: list[str]) -> dict[str, Json]:
    title = name.removeprefix("roles/")
    exact = [p for p in patterns if "*" not in p]
    return {"name": name, "title": title, "stage": "GA", "includedPermissions": exact}
