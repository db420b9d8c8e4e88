"""IAM v1: service accounts, their keys, and roles."""

from __future__ import annotations

import base64
import re
from typing import Any

import orjson
from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json, Service, project_number
from emulator.errors import ApiError, invalid
from emulator.iam import policy_routes
from emulator.identity import unique_id
from emulator.keys import key_id, new_rsa_key, public_pem, to_pem
from emulator.roles import predefined
from emulator.wire import apply_mask, body, mask_of, page, route

_ID = re.compile(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])")
KIND = "service-account"
KEY = "service-account-key"


def service(cloud: Cloud) -> Service:
    return Service(
        "iam", [*Accounts(cloud).routes(), *Keys(cloud).routes(), *Roles(cloud).routes()]
    )


def default_accounts(project: str) -> tuple[str, str]:
    """Those that a project has from the beginning."""
    return (
        f"{project_number(project)}-compute@developer.gserviceaccount.com",
        f"{project}@appspot.gserviceaccount.com",
    )


class _Part:
    """What the handlers of this API share."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._store = cloud.store

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)

    def _name(self, request: Request) -> str:
        """`projects/<id>/serviceAccounts/<email>`; a client may give `-` and the unique id."""
        params = request.path_params
        return account_name(self._cloud, params["project"], params["account"])

    def _find(self, name: str) -> dict[str, Any]:
        return find_account(self._cloud, name)


def account_name(cloud: Cloud, project: str, account: str) -> str:
    if account.isdigit():
        found = [n for n, a in cloud.store.list(KIND) if a["uniqueId"] == account]
        return str(found[0]) if found else f"projects/{project}/serviceAccounts/{account}"
    if project == "-":
        project = account.partition("@")[2].partition(".")[0]
        if project in ("developer", "appspot"):
            project = cloud.settings.project_id
    return f"projects/{project}/serviceAccounts/{account}"


def find_account(cloud: Cloud, name: str) -> dict[str, Any]:
    _, project, _, email = name.split("/")
    found: dict[str, Any] | None = cloud.store.get(KIND, name)
    if found is None and email in default_accounts(project):
        found = resource(project, email, {"displayName": "Default service account"})
    if found is None:
        raise ApiError("NOT_FOUND", f"Service account {name} does not exist.")
    return found


def resource(project: str, email: str, given: dict[str, Json]) -> dict[str, Json]:
    return {
        **{key: given[key] for key in ("displayName", "description") if given.get(key)},
        "name": f"projects/{project}/serviceAccounts/{email}",
        "projectId": project,
        "uniqueId": unique_id(email),
        "email": email,
        "oauth2ClientId": unique_id(email),
        "etag": "MDEwMjE5MjA=",
    }


class Accounts(_Part):
    """Service accounts."""

    def routes(self) -> list[BaseRoute]:
        accounts = "/v1/projects/{project}/serviceAccounts"
        one = f"{accounts}/{{account}}"
        return [
            route("POST", accounts, self._create),
            route("GET", accounts, self._list),
            route("POST", f"{one}:enable", self._enable),
            route("POST", f"{one}:disable", self._disable),
            *policy_routes(self._cloud, one, "iam.serviceAccounts", self._name),
            route("GET", one, self._get),
            route("PATCH", one, self._patch),
            route("DELETE", one, self._delete),
        ]

    async def _create(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        self._allow(request, "iam.serviceAccounts.create", f"projects/{project}")
        account = given.get("accountId", "")
        if not _ID.fullmatch(account):
            raise invalid(
                f"Invalid service account id '{account}'. It must be 6-30 characters: lowercase "
                "letters, digits and dashes, beginning with a letter."
            )
        email = f"{account}@{project}.iam.gserviceaccount.com"
        made = resource(project, email, given.get("serviceAccount") or {})
        if not self._store.create(KIND, made["name"], made):
            message = f"Service account {account} already exists within project projects/{project}."
            raise ApiError("ALREADY_EXISTS", message)
        return made

    async def _list(self, request: Request) -> Json:
        project = request.path_params["project"]
        self._allow(request, "iam.serviceAccounts.list", f"projects/{project}")
        kept = [a for _, a in self._store.list(KIND, f"projects/{project}/serviceAccounts/")]
        return page(request, kept, "accounts", default=20, most=100)

    async def _get(self, request: Request) -> Json:
        name = self._name(request)
        self._allow(request, "iam.serviceAccounts.get", name)
        return self._find(name)

    async def _patch(self, request: Request) -> Json:
        name, given = self._name(request), await body(request)
        self._allow(request, "iam.serviceAccounts.update", name)
        account, new = self._find(name), given.get("serviceAccount") or {}
        paths = [p for p in str(given.get("updateMask", "")).split(",") if p]
        apply_mask(account, new, paths or mask_of(request, new))
        self._store.put(KIND, name, account)
        return account

    async def _delete(self, request: Request) -> Json:
        name = self._name(request)
        self._allow(request, "iam.serviceAccounts.delete", name)
        email = self._find(name)["email"]
        self._store.delete(KIND, name)
        for key, kept in self._store.list(KEY):
            if kept["account"] == email:
                self._store.delete(KEY, key)
        self._cloud.access.forget(name)
        return {}

    async def _enable(self, request: Request) -> Json:
        return self._set_disabled(request, "enable", False)

    async def _disable(self, request: Request) -> Json:
        return self._set_disabled(request, "disable", True)

    def _set_disabled(self, request: Request, verb: str, disabled: bool) -> Json:
        name = self._name(request)
        self._allow(request, f"iam.serviceAccounts.{verb}", name)
        account = {k: v for k, v in self._find(name).items() if k != "disabled"}
        self._store.put(KIND, name, account | ({"disabled": True} if disabled else {}))
        return {}


class Keys(_Part):
    """Keys of service accounts: the private half leaves once, the public half stays."""

    def routes(self) -> list[BaseRoute]:
        keys = "/v1/projects/{project}/serviceAccounts/{account}/keys"
        return [
            route("POST", keys, self._create),
            route("GET", keys, self._list),
            route("GET", f"{keys}/{{key}}", self._get),
            route("DELETE", f"{keys}/{{key}}", self._delete),
        ]

    async def _create(self, request: Request) -> Json:
        name = self._name(request)
        self._allow(request, "iam.serviceAccountKeys.create", name)
        email = self._find(name)["email"]
        private = new_rsa_key()
        number = key_id(private.public_key())
        pem = public_pem(private.public_key()).decode()
        made = {
            "name": f"{name}/keys/{number}",
            "keyAlgorithm": "KEY_ALG_RSA_2048",
            "keyOrigin": "GOOGLE_PROVIDED",
            "keyType": "USER_MANAGED",
            "validAfterTime": rfc3339(self._cloud.clock.now()),
            "validBeforeTime": "9999-12-31T23:59:59Z",
        }
        self._store.put(KEY, number, {"account": email, "publicKey": pem, "key": made})
        file = orjson.dumps(self._file(email, number, to_pem(private).decode()))
        data = base64.b64encode(file).decode()
        secret = {"privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE", "privateKeyData": data}
        return {**made, **secret}

    def _file(self, email: str, number: str, pem: str) -> dict[str, str]:
        """A key file whose token endpoint is this emulator."""
        return {
            "type": "service_account",
            "project_id": self._cloud.settings.project_id,
            "private_key_id": number,
            "private_key": pem,
            "client_email": email,
            "client_id": unique_id(email),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": f"{self._cloud.settings.url}/token",
            "universe_domain": "googleapis.com",
        }

    async def _list(self, request: Request) -> Json:
        name = self._name(request)
        self._allow(request, "iam.serviceAccountKeys.list", name)
        email = self._find(name)["email"]
        return {"keys": [k["key"] for _, k in self._store.list(KEY) if k["account"] == email]}

    async def _get(self, request: Request) -> Json:
        name = self._name(request)
        self._allow(request, "iam.serviceAccountKeys.get", name)
        return self._kept(request, name)["key"]

    async def _delete(self, request: Request) -> Json:
        name = self._name(request)
        self._allow(request, "iam.serviceAccountKeys.delete", name)
        self._kept(request, name)
        self._store.delete(KEY, request.path_params["key"])
        return {}

    def _kept(self, request: Request, name: str) -> dict[str, Any]:
        kept: dict[str, Any] | None = self._store.get(KEY, request.path_params["key"])
        if kept is None or kept["account"] != self._find(name)["email"]:
            raise ApiError("NOT_FOUND", f"Key {request.path_params['key']} does not exist.")
        return kept


class Roles(_Part):
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
        self._allow(request, "iam.roles.create", f"projects/{project}")
        name = f"projects/{project}/roles/{given.get('roleId', '')}"
        role = {**(given.get("role") or {}), "name": name, "etag": "BwWWja0YfJA="}
        if not self._store.create("role", name, role):
            raise ApiError("ALREADY_EXISTS", f"A role named {name} already exists.")
        return role

    async def _list(self, request: Request) -> Json:
        parent = f"projects/{request.path_params['project']}"
        self._allow(request, "iam.roles.list", parent)
        return page(request, [r for _, r in self._store.list("role", f"{parent}/roles/")], "roles")

    async def _get(self, request: Request) -> Json:
        name = self._role_name(request)
        self._allow(request, "iam.roles.get", name)
        return self._custom(name)

    async def _patch(self, request: Request) -> Json:
        name, given = self._role_name(request), await body(request)
        self._allow(request, "iam.roles.update", name)
        role = self._custom(name)
        apply_mask(role, given, mask_of(request, given))
        self._store.put("role", name, role)
        return role

    async def _delete(self, request: Request) -> Json:
        name = self._role_name(request)
        self._allow(request, "iam.roles.delete", name)
        role = self._custom(name)
        self._store.delete("role", name)
        return {**role, "deleted": True}

    def _role_name(self, request: Request) -> str:
        return f"projects/{request.path_params['project']}/roles/{request.path_params['role']}"

    def _custom(self, name: str) -> dict[str, Any]:
        role: dict[str, Any] | None = self._store.get("role", name)
        if role is None:
            raise ApiError("NOT_FOUND", f"The role named {name} was not found.")
        return role


def _role(name: str, patterns: list[str]) -> dict[str, Json]:
    title = name.removeprefix("roles/")
    exact = [p for p in patterns if "*" not in p]
    return {"name": name, "title": title, "stage": "GA", "includedPermissions": exact}
