"""Secret Manager v1: secrets, their numbered versions, and who may read them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json, Principal, Service, project_number
from emulator.crc32c import crc32c
from emulator.errors import ApiError, invalid
from emulator.filters import matches
from emulator.iam import policy_routes
from emulator.wire import apply_mask, body, mask_of, page, route

LARGEST = 64 * 1024
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_OUTPUT_ONLY = ("name", "createTime", "etag")
_MUTABLE = {
    "labels", "annotations", "versionAliases", "topics", "rotation", "expireTime", "ttl",
    "versionDestroyTtl", "etag", "tags",
}  # fmt: skip


def service(cloud: Cloud) -> Service:
    secrets = SecretManager(cloud)
    return Service("secretmanager", secrets.routes())


class SecretManager:
    """Secrets by `projects/<id>/secrets/<secret>`; answers name the project by its number."""

    def __init__(self, cloud: Cloud) -> None:
        self._store = cloud.store
        self._cloud = cloud

    def routes(self) -> list[BaseRoute]:
        secrets = "/v1/projects/{project}/secrets"
        secret = f"{secrets}/{{secret}}"
        version = f"{secret}/versions/{{version}}"
        return [
            route("POST", secrets, self._create),
            route("GET", secrets, self._list),
            route("POST", f"{secret}:addVersion", self._add_version),
            *policy_routes(self._cloud, secret, "secretmanager.secrets", self._secret_name),
            route("GET", secret, self._get),
            route("PATCH", secret, self._update),
            route("DELETE", secret, self._delete),
            route("GET", f"{secret}/versions", self._list_versions),
            route("GET", f"{version}:access", self._access),
            route("POST", f"{version}:enable", partial(self._change_state, "ENABLED")),
            route("POST", f"{version}:disable", partial(self._change_state, "DISABLED")),
            route("POST", f"{version}:destroy", partial(self._change_state, "DESTROYED")),
            route("GET", version, self._get_version),
        ]

    # -- secrets ----------------------------------------------------------------------------

    async def _create(self, request: Request) -> Json:
        project, given = request.path_params["project"], await body(request)
        secret = request.query_params.get("secretId", "")
        if not _ID.fullmatch(secret):
            raise invalid(f"Invalid secret id '{secret}': expected {_ID.pattern}")
        if "replication" not in given:
            raise invalid("Secret.replication is required.")
        self._allow(request, "secretmanager.secrets.create", f"projects/{project}")
        name = f"projects/{project}/secrets/{secret}"
        made = {k: v for k, v in given.items() if k not in _OUTPUT_ONLY}
        made |= {"name": _public(name), "createTime": self._now()}
        if not self._store.create("secret", name, _with_etag(made)):
            raise ApiError("ALREADY_EXISTS", f"Secret [{_public(name)}] already exists.")
        return self._find(name)

    async def _list(self, request: Request) -> Json:
        project = f"projects/{request.path_params['project']}"
        self._allow(request, "secretmanager.secrets.list", project)
        found = [value for _, value in self._store.list("secret", f"{project}/secrets/")]
        return _page(request, _filtered(request, found), "secrets")

    async def _get(self, request: Request) -> Json:
        name = self._secret_name(request)
        self._allow(request, "secretmanager.secrets.get", name)
        return self._find(name)

    async def _update(self, request: Request) -> Json:
        name, given = self._secret_name(request), await body(request)
        self._allow(request, "secretmanager.secrets.update", name)
        secret, paths = self._find(name), mask_of(request, given)
        _check_etag(given.get("etag"), secret)
        if wrong := [p for p in paths if p.split(".")[0] not in _MUTABLE]:
            raise invalid(f"The field '{wrong[0]}' is immutable or unknown and cannot be updated.")
        apply_mask(secret, given, [p for p in paths if p != "etag"])
        self._check_aliases(name, secret)
        self._store.put("secret", name, _with_etag(secret))
        return self._find(name)

    async def _delete(self, request: Request) -> Json:
        name = self._secret_name(request)
        self._allow(request, "secretmanager.secrets.delete", name)
        _check_etag(request.query_params.get("etag"), self._find(name))
        for version, _ in self._store.list("secret-version", f"{name}/versions/"):
            self._store.delete("secret-version", version)
        self._store.delete("secret", name)
        self._store.delete("secret-count", name)
        self._cloud.access.forget(name)
        return {}

    # -- versions ---------------------------------------------------------------------------

    async def _add_version(self, request: Request) -> Json:
        name = self._secret_name(request)
        self._allow(request, "secretmanager.versions.add", name)
        self._find(name)
        data = _payload((await body(request)).get("payload") or {})
        number = (self._store.get("secret-count", name) or 0) + 1
        version = {
            "name": f"{_public(name)}/versions/{number}",
            "createTime": self._now(),
            "state": "ENABLED",
            "replicationStatus": {"automatic": {}},
        }
        self._store.put("secret-count", name, number)
        self._keep(f"{name}/versions/{number}", version, base64.b64encode(data).decode())
        return self._version(name, str(number))["version"]

    async def _list_versions(self, request: Request) -> Json:
        name = self._secret_name(request)
        self._allow(request, "secretmanager.versions.list", name)
        self._find(name)
        kept = [kept["version"] for _, kept in self._versions(name)]
        newest_first = sorted(kept, key=_number, reverse=True)
        return _page(request, _filtered(request, newest_first), "versions")

    async def _get_version(self, request: Request) -> Json:
        name = self._secret_name(request)
        self._allow(request, "secretmanager.versions.get", self._version_name(request))
        return self._version(name, request.path_params["version"])["version"]

    async def _access(self, request: Request) -> Json:
        params = request.path_params
        reader = self._cloud.identity.caller(request.headers.get("authorization"))
        name, data = self._read(params["project"], params["secret"], params["version"], reader)
        payload = {"data": base64.b64encode(data).decode(), "dataCrc32c": str(crc32c(data))}
        return {"name": name, "payload": payload}

    async def _change_state(self, state: str, request: Request) -> Json:
        name, verb = self._secret_name(request), _VERBS[state]
        self._allow(request, f"secretmanager.versions.{verb}", self._version_name(request))
        kept = self._version(name, request.path_params["version"])
        version = kept["version"]
        _check_etag((await body(request)).get("etag"), version)
        if version["state"] == "DESTROYED" and state != "DESTROYED":
            raise _precondition(f"Secret Version [{version['name']}] is in DESTROYED state.")
        version["state"] = state
        if state == "DESTROYED":
            version["destroyTime"] = self._now()
            kept["data"] = ""
        self._keep(f"{name}/versions/{_number(version)}", version, kept["data"])
        return version

    # -- what other services ask ------------------------------------------------------------

    def value(self, project: str, secret: str, version: str, reader: Principal) -> bytes:
        return self._read(self._cloud.projects.id_of(project), secret, version, reader)[1]

    def _read(
        self, project: str, secret: str, version: str, reader: Principal
    ) -> tuple[str, bytes]:
        name = f"projects/{project}/secrets/{secret}"
        asked = f"{name}/versions/{version}"
        self._cloud.access.require(reader, "secretmanager.versions.access", asked)
        kept = self._version(name, version)
        found = kept["version"]
        if found["state"] != "ENABLED":
            raise _precondition(f"Secret Version [{found['name']}] is in {found['state']} state.")
        return found["name"], base64.b64decode(kept["data"])

    # -- the store --------------------------------------------------------------------------

    def _find(self, name: str) -> dict[str, Json]:
        secret: dict[str, Json] | None = self._store.get("secret", name)
        if secret is None:
            raise ApiError("NOT_FOUND", f"Secret [{_public(name)}] not found.")
        return secret

    def _versions(self, name: str) -> list[tuple[str, Json]]:
        return self._store.list("secret-version", f"{name}/versions/")

    def _version(self, name: str, version: str) -> dict[str, Any]:
        """By number, by alias or the latest."""
        secret = self._find(name)
        number = self._numbered(name, secret, version)
        kept: dict[str, Any] | None = self._store.get("secret-version", f"{name}/versions/{number}")
        if kept is None:
            gone = f"{_public(name)}/versions/{version}"
            raise ApiError("NOT_FOUND", f"Secret Version [{gone}] not found.")
        return kept

    def _numbered(self, name: str, secret: dict[str, Json], version: str) -> str:
        if version == "latest":
            return str(self._store.get("secret-count", name) or "latest")
        return str((secret.get("versionAliases") or {}).get(version, version))

    def _keep(self, name: str, version: dict[str, Json], data: str) -> None:
        version["etag"] = _etag({**version, "etag": None})
        self._store.put("secret-version", name, {"version": version, "data": data})

    def _check_aliases(self, name: str, secret: dict[str, Json]) -> None:
        known = {_number(kept["version"]) for _, kept in self._versions(name)}
        for alias, number in (secret.get("versionAliases") or {}).items():
            if int(number) not in known:
                raise _precondition(f"Alias '{alias}' names version {number}, which is not there.")

    # -- small things -----------------------------------------------------------------------

    def _now(self) -> str:
        return rfc3339(self._cloud.clock.now())

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)

    def _secret_name(self, request: Request) -> str:
        params = request.path_params
        return f"projects/{params['project']}/secrets/{params['secret']}"

    def _version_name(self, request: Request) -> str:
        return f"{self._secret_name(request)}/versions/{request.path_params['version']}"


_VERBS = {"ENABLED": "enable", "DISABLED": "disable", "DESTROYED": "destroy"}


def _public(name: str) -> str:
    _, project, rest = name.split("/", 2)
    return f"projects/{project_number(project)}/{rest}"


def _number(version: dict[str, Json]) -> int:
    return int(version["name"].rpartition("/")[2])


def _payload(payload: dict[str, Json]) -> bytes:
    try:
        data = base64.b64decode(payload.get("data", ""), validate=False)
    except (binascii.Error, ValueError):
        raise invalid("Invalid value at 'payload.data' (TYPE_BYTES): not base64.") from None
    if len(data) > LARGEST:
        raise invalid(f"The payload is larger than {LARGEST} bytes.")
    claimed = payload.get("dataCrc32c")
    if claimed is not None and int(claimed) != crc32c(data):
        raise invalid("The checksum of the payload (data_crc32c) does not match its data.")
    return data


def _precondition(message: str) -> ApiError:
    return ApiError("FAILED_PRECONDITION", message)


def _etag(value: Json) -> str:
    digest = hashlib.sha256(repr(value).encode()).hexdigest()[:14]
    return f'"{digest}"'


def _with_etag(value: dict[str, Json]) -> dict[str, Json]:
    return {**value, "etag": _etag({**value, "etag": value.get("etag")})}


def _check_etag(given: str | None, live: dict[str, Json]) -> None:
    if given and given != live["etag"]:
        raise ApiError(
            "FAILED_PRECONDITION",
            f"The etag '{given}' does not match the current etag '{live['etag']}'.",
        )


def _filtered(request: Request, items: list[Json]) -> list[Json]:
    text = request.query_params.get("filter", "")
    return [item for item in items if matches(text, item)] if text else items


def _page(request: Request, items: list[Json], key: str) -> Json:
    return {**page(request, items, key, default=25_000, most=25_000), "totalSize": len(items)}
