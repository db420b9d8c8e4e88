"""Service accounts."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Json
from emulator.errors import ApiError, invalid
from emulator.iam import policy_routes
from emulator.services.iam.common import KEY, KIND, Part, resource
from emulator.wire import apply_mask, body, mask_of, page, route

_ID = re.compile(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])")


class Accounts(Part):
    """Service accounts."""

    def routes(self) -> list[BaseRoute]:
        accounts = "/v1/projects/{project}/serviceAccounts"
        one = f"{accounts}/{{account}}"
        return [
            route("POST", accounts, self._create),
            route("GET", accounts, self._list),
            route("POST", f"{one}:enable", self._enable),
            route("POST", f"{one}:disable", self._disable),
            *policy_routes(self.cloud, one, "iam.serviceAccounts", self.name),
            route("GET", one, self._get),
            route("PATCH", one, self._patch),
            route("DELETE", one, self._delete),
        ]

    async def _create(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        self.allow(request, "iam.serviceAccounts.create", f"projects/{project}")
        account = given.get("accountId", "")
        if not _ID.fullmatch(account):
            raise invalid(
                f"Invalid service account id '{account}'. It must be 6-30 characters: lowercase "
                "letters, digits and dashes, beginning with a letter."
            )
        email = f"{account}@{project}.iam.gserviceaccount.com"
        made = resource(project, email, given.get("serviceAccount") or {})
        if not self.store.create(KIND, made["name"], made):
            message = f"Service account {account} already exists within project projects/{project}."
            raise ApiError("ALREADY_EXISTS", message)
        return made

    async def _list(self, request: Request) -> Json:
        project = request.path_params["project"]
        self.allow(request, "iam.serviceAccounts.list", f"projects/{project}")
        kept = [a for _, a in self.store.list(KIND, f"projects/{project}/serviceAccounts/")]
        return page(request, kept, "accounts", default=20, most=100)

    async def _get(self, request: Request) -> Json:
        name = self.name(request)
        self.allow(request, "iam.serviceAccounts.get", name)
        return self.find(name)

    async def _patch(self, request: Request) -> Json:
        name, given = self.name(request), await body(request)
        self.allow(request, "iam.serviceAccounts.update", name)
        account, new = self.find(name), given.get("serviceAccount") or {}
        paths = [p for p in str(given.get("updateMask", "")).split(",") if p]
        apply_mask(account, new, paths or mask_of(request, new))
        self.store.put(KIND, name, account)
        return account

    async def _delete(self, request: Request) -> Json:
        name = self.name(request)
        self.allow(request, "iam.serviceAccounts.delete", name)
        found = self.find(name)
        email = found["email"]
        self.store.delete(KIND, name)
        self.cloud.access.bury(email, found["uniqueId"])
        for key, kept in self.store.list(KEY):
            if kept["account"] == email:
                self.store.delete(KEY, key)
        self.cloud.access.forget(name)
        return {}

    async def _enable(self, request: Request) -> Json:
        return self._set_disabled(request, "enable", False)

    async def _disable(self, request: Request) -> Json:
        return self._set_disabled(request, "disable", True)

    def _set_disabled(self, request: Request, verb: str, disabled: bool) -> Json:
        name = self.name(request)
        self.allow(request, f"iam.serviceAccounts.{verb}", name)
        account = {k: v for k, v in self.find(name).items() if k != "disabled"}
        self.store.put(KIND, name, account | ({"disabled": True} if disabled else {}))
        return {}
