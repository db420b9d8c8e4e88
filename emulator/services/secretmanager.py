"""Secret Manager v1: secrets, their numbered versions, and who may read them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from starlette.requests import Request as HttpRequest

from emulator.clock import rfc3339, unix
from emulator.cloud import Cloud, Json, Principal, Service, project_number
from emulator.crc32c import crc32c
from emulator.errors import ApiError, invalid
from emulator.filters import matches
from emulator.iam import policy_routes
from emulator.rpc import rest, secret_rpcs
from emulator.rpc.listing import page
from emulator.rpc.method import Request
from emulator.wire import apply_mask, mask_paths

LARGEST = 64 * 1024
SHORTEST_DELAY = 24 * 3600
ROUTE = "/v1/projects/{project}/secrets/{secret}"
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_OUTPUT_ONLY = ("name", "createTime", "etag")
_MUTABLE = {
    "labels", "annotations", "versionAliases", "topics", "rotation", "expireTime", "ttl",
    "versionDestroyTtl", "etag", "tags",
}  # fmt: skip


def service(cloud: Cloud) -> Service:
    secrets = SecretManager(cloud)
    policies = policy_routes(cloud, ROUTE, "secretmanager.secrets", _named)
    routes = [*policies, *rest.routes(secret_rpcs.methods(secrets), cloud.identity)]
    return Service("secretmanager", routes, grpc=lambda: secret_rpcs.handlers(cloud, secrets))


class SecretManager:
    """Secrets by `projects/<id>/secrets/<secret>`; answers name the project by its number."""

    def __init__(self, cloud: Cloud) -> None:
        self._store = cloud.store
        self._cloud = cloud

    # -- secrets ----------------------------------------------------------------------------

    async def create(self, caller: Principal, request: Request) -> Json:
        parent, given = self._by_id(request["parent"]), request.get("secret") or {}
        secret = request.get("secretId", "")
        if not _ID.fullmatch(secret):
            raise invalid(f"Invalid secret id '{secret}': expected {_ID.pattern}")
        if "replication" not in given:
            raise invalid("Secret.replication is required.")
        self._cloud.access.require(caller, "secretmanager.secrets.create", parent)
        name = f"{parent}/secrets/{secret}"
        self._kept(name)  # one that has expired is in nobody's way
        made = {k: v for k, v in given.items() if k not in _OUTPUT_ONLY}
        made |= {"name": _public(name), "createTime": self._now()}
        if not self._store.create("secret", name, _with_etag(self._dated(made))):
            raise ApiError("ALREADY_EXISTS", f"Secret [{_public(name)}] already exists.")
        return self._find(name)

    async def list_secrets(self, caller: Principal, request: Request) -> Json:
        parent = self._by_id(request["parent"])
        self._cloud.access.require(caller, "secretmanager.secrets.list", parent)
        names = [name for name, _ in self._store.list("secret", f"{parent}/secrets/")]
        found = [secret for name in names if (secret := self._kept(name))]
        return _page(request, _filtered(request, found), "secrets")

    async def get(self, caller: Principal, request: Request) -> Json:
        return self._find(self._allowed(caller, "secrets.get", request["name"]))

    async def update(self, caller: Principal, request: Request) -> Json:
        given = request["secret"]
        name = self._allowed(caller, "secrets.update", given["name"])
        secret, paths = self._find(name), mask_paths(request.get("updateMask", ""), given)
        _check_etag(given.get("etag"), secret)
        paths = [path for path in paths if path != "name"]
        if wrong := [p for p in paths if p.split(".")[0] not in _MUTABLE]:
            raise invalid(f"The field '{wrong[0]}' is immutable or unknown and cannot be updated.")
        apply_mask(secret, given, [p for p in paths if p != "etag"])
        self._check_aliases(name, secret)
        self._store.put("secret", name, _with_etag(self._dated(secret)))
        return self._find(name)

    async def delete(self, caller: Principal, request: Request) -> Json:
        name = self._allowed(caller, "secrets.delete", request["name"])
        _check_etag(request.get("etag"), self._find(name))
        self._forget(name)
        return {}

    # -- versions ---------------------------------------------------------------------------

    async def add_version(self, caller: Principal, request: Request) -> Json:
        name = self._allowed(caller, "versions.add", request["parent"])
        self._find(name)
        data = _payload(request.get("payload") or {})
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

    async def list_versions(self, caller: Principal, request: Request) -> Json:
        name = self._allowed(caller, "versions.list", request["parent"])
        self._find(name)
        kept = [self._due(place, kept)["version"] for place, kept in self._versions(name)]
        newest_first = sorted(kept, key=_number, reverse=True)
        return _page(request, _filtered(request, newest_first), "versions")

    async def get_version(self, caller: Principal, request: Request) -> Json:
        return self._asked(caller, "get", request)[1]["version"]

    async def access(self, caller: Principal, request: Request) -> Json:
        _, project, _, secret, _, version = self._by_id(request["name"]).split("/")
        name, data = self._read(project, secret, version, caller)
        payload = {"data": base64.b64encode(data).decode(), "dataCrc32c": str(crc32c(data))}
        return {"name": name, "payload": payload}

    async def enable(self, caller: Principal, request: Request) -> Json:
        place, kept = self._changed(caller, "enable", request)
        kept["version"].pop("scheduledDestroyTime", None)
        return self._set_state(place, kept, "ENABLED")

    async def disable(self, caller: Principal, request: Request) -> Json:
        return self._set_state(*self._changed(caller, "disable", request), "DISABLED")

    async def destroy(self, caller: Principal, request: Request) -> Json:
        """At once; with `versionDestroyTtl` disabled now and destroyed when that is over
        (Google: "Delay destruction of secret versions").
        """
        place, kept = self._asked(caller, "destroy", request)
        _check_etag(request.get("etag"), kept["version"])
        delay = self._find(place.partition("/versions/")[0]).get("versionDestroyTtl")
        if not delay or kept["version"]["state"] == "DESTROYED":
            return self._end(place, kept)
        moment = self._cloud.clock.now() + _seconds(delay)
        kept["version"]["scheduledDestroyTime"] = rfc3339(moment)
        return self._set_state(place, kept, "DISABLED")

    def _changed(
        self, caller: Principal, verb: str, request: Request
    ) -> tuple[str, dict[str, Any]]:
        place, kept = self._asked(caller, verb, request)
        _check_etag(request.get("etag"), kept["version"])
        if kept["version"]["state"] == "DESTROYED":
            name = kept["version"]["name"]
            raise _precondition(f"Secret Version [{name}] is in DESTROYED state.")
        return place, kept

    def _asked(self, caller: Principal, verb: str, request: Request) -> tuple[str, dict[str, Any]]:
        """The version that a request names, and where it is kept."""
        asked = self._allowed(caller, f"versions.{verb}", request["name"])
        name, _, version = asked.partition("/versions/")
        kept = self._version(name, version)
        return f"{name}/versions/{_number(kept['version'])}", kept

    def _set_state(self, place: str, kept: dict[str, Any], state: str) -> Json:
        kept["version"]["state"] = state
        self._keep(place, kept["version"], kept["data"])
        return kept["version"]

    def _end(self, place: str, kept: dict[str, Any]) -> Json:
        version, kept["data"] = kept["version"], ""
        version.pop("scheduledDestroyTime", None)
        version["destroyTime"] = self._now()
        return self._set_state(place, kept, "DESTROYED")

    def _due(self, place: str, kept: dict[str, Any]) -> dict[str, Any]:
        """A version as it is now: destroyed, if its time has come."""
        moment = kept["version"].get("scheduledDestroyTime")
        if moment and unix(moment) <= self._cloud.clock.now():
            self._end(place, kept)
        return kept

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
        secret = self._kept(name)
        if secret is None:
            raise ApiError("NOT_FOUND", f"Secret [{_public(name)}] not found.")
        return secret

    def _kept(self, name: str) -> dict[str, Json] | None:
        """None also for a secret whose time is over, which goes with its versions."""
        secret: dict[str, Json] | None = self._store.get("secret", name)
        moment = (secret or {}).get("expireTime")
        if moment and unix(moment) <= self._cloud.clock.now():
            self._forget(name)
            return None
        return secret

    def _forget(self, name: str) -> None:
        for version, _ in self._store.list("secret-version", f"{name}/versions/"):
            self._store.delete("secret-version", version)
        self._store.delete("secret", name)
        self._store.delete("secret-count", name)
        self._cloud.access.forget(name)

    def _dated(self, secret: dict[str, Json]) -> dict[str, Json]:
        """Answers tell no `ttl`, but when the secret expires."""
        if ttl := secret.pop("ttl", None):
            secret["expireTime"] = rfc3339(self._cloud.clock.now() + _seconds(ttl))
        if "expireTime" in secret and unix(secret["expireTime"]) <= self._cloud.clock.now():
            raise invalid("Secret.expire_time must be in the future.")
        delay = secret.get("versionDestroyTtl")
        if delay and _seconds(delay) < SHORTEST_DELAY:
            raise invalid("Secret.version_destroy_ttl must be at least 24 hours.")
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
        return self._due(f"{name}/versions/{number}", kept)

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

    def _allowed(self, caller: Principal, verb: str, asked: str) -> str:
        """The name with the project's id, for who may do that."""
        name = self._by_id(asked)
        self._cloud.access.require(caller, f"secretmanager.{verb}", name)
        return name

    def _by_id(self, name: str) -> str:
        kind, project, *rest = name.split("/")
        return "/".join([kind, self._cloud.projects.id_of(project), *rest])


def _named(request: HttpRequest) -> str:
    params = request.path_params
    return f"projects/{params['project']}/secrets/{params['secret']}"


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
    text = request.get("filter", "")
    return [item for item in items if matches(text, item)] if text else items


def _page(request: Request, items: list[Json], key: str) -> Json:
    return {**page(request, items, key, default=25_000, most=25_000), "totalSize": len(items)}


def _seconds(duration: str) -> float:
    try:
        return float(duration.removesuffix("s"))
    except ValueError:
        raise invalid(f"Invalid duration '{duration}'.") from None
