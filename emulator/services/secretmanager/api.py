"""The methods of Secret Manager v1, for either wire."""

from __future__ import annotations

import base64
from typing import Any

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json, Principal
from emulator.crc32c import crc32c
from emulator.errors import ApiError, invalid
from emulator.rpc.method import Request
from emulator.services.secretmanager.rules import (
    MUTABLE,
    check_etag,
    filtered,
    number_of,
    paged,
    payload_of,
    precondition,
    public_name,
    seconds,
    secret_id,
)
from emulator.services.secretmanager.vault import Vault
from emulator.wire import apply_mask, mask_paths

_OUTPUT_ONLY = ("name", "createTime", "etag")


class SecretManager:
    """Secrets by `projects/<id>/secrets/<secret>`; answers name the project by its number."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._vault = Vault(cloud)

    # -- secrets ----------------------------------------------------------------------------

    async def create(self, caller: Principal, request: Request) -> Json:
        parent, given = self._by_id(request["parent"]), request.get("secret") or {}
        secret = secret_id(request.get("secretId", ""))
        if "replication" not in given:
            raise invalid("Secret.replication is required.")
        self._cloud.access.require(caller, "secretmanager.secrets.create", parent)
        name = f"{parent}/secrets/{secret}"
        self._vault.kept(name)  # one that has expired is in nobody's way
        made = {k: v for k, v in given.items() if k not in _OUTPUT_ONLY}
        made |= {"name": public_name(name), "createTime": self._now()}
        if not self._vault.create(name, made):
            raise ApiError("ALREADY_EXISTS", f"Secret [{public_name(name)}] already exists.")
        return self._vault.find(name)

    async def list_secrets(self, caller: Principal, request: Request) -> Json:
        parent = self._by_id(request["parent"])
        self._cloud.access.require(caller, "secretmanager.secrets.list", parent)
        return paged(request, filtered(request, self._vault.all_of(parent)), "secrets")

    async def get(self, caller: Principal, request: Request) -> Json:
        return self._vault.find(self._allowed(caller, "secrets.get", request["name"]))

    async def update(self, caller: Principal, request: Request) -> Json:
        given = request["secret"]
        name = self._allowed(caller, "secrets.update", given["name"])
        secret, paths = self._vault.find(name), mask_paths(request.get("updateMask", ""), given)
        check_etag(given.get("etag"), secret)
        paths = [path for path in paths if path != "name"]
        if wrong := [p for p in paths if p.split(".")[0] not in MUTABLE]:
            raise invalid(f"The field '{wrong[0]}' is immutable or unknown and cannot be updated.")
        apply_mask(secret, given, [p for p in paths if p != "etag"])
        self._vault.change(name, secret)
        return self._vault.find(name)

    async def delete(self, caller: Principal, request: Request) -> Json:
        name = self._allowed(caller, "secrets.delete", request["name"])
        check_etag(request.get("etag"), self._vault.find(name))
        self._vault.forget(name)
        return {}

    # -- versions ---------------------------------------------------------------------------

    async def add_version(self, caller: Principal, request: Request) -> Json:
        name = self._allowed(caller, "versions.add", request["parent"])
        self._vault.find(name)
        data = payload_of(request.get("payload") or {})
        return self._vault.add(name, base64.b64encode(data).decode())

    async def list_versions(self, caller: Principal, request: Request) -> Json:
        name = self._allowed(caller, "versions.list", request["parent"])
        self._vault.find(name)
        found = self._vault.versions_of(name)
        return paged(request, filtered(request, found), "versions")

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
        return self._vault.set_state(place, kept, "ENABLED")

    async def disable(self, caller: Principal, request: Request) -> Json:
        return self._vault.set_state(*self._changed(caller, "disable", request), "DISABLED")

    async def destroy(self, caller: Principal, request: Request) -> Json:
        """At once; with `versionDestroyTtl` disabled now and destroyed when that is over
        (Google: "Delay destruction of secret versions").
        """
        place, kept = self._asked(caller, "destroy", request)
        check_etag(request.get("etag"), kept["version"])
        delay = self._vault.find(place.partition("/versions/")[0]).get("versionDestroyTtl")
        if not delay or kept["version"]["state"] == "DESTROYED":
            return self._vault.end(place, kept)
        moment = self._cloud.clock.now() + seconds(delay)
        kept["version"]["scheduledDestroyTime"] = rfc3339(moment)
        return self._vault.set_state(place, kept, "DISABLED")

    def _changed(
        self, caller: Principal, verb: str, request: Request
    ) -> tuple[str, dict[str, Any]]:
        place, kept = self._asked(caller, verb, request)
        check_etag(request.get("etag"), kept["version"])
        if kept["version"]["state"] == "DESTROYED":
            name = kept["version"]["name"]
            raise precondition(f"Secret Version [{name}] is in DESTROYED state.")
        return place, kept

    def _asked(self, caller: Principal, verb: str, request: Request) -> tuple[str, dict[str, Any]]:
        """The version that a request names, and where it is kept."""
        asked = self._allowed(caller, f"versions.{verb}", request["name"])
        name, _, version = asked.partition("/versions/")
        kept = self._vault.version(name, version)
        return f"{name}/versions/{number_of(kept['version'])}", kept

    # -- what other services ask ------------------------------------------------------------

    def value(self, project: str, secret: str, version: str, reader: Principal) -> bytes:
        return self._read(self._cloud.projects.id_of(project), secret, version, reader)[1]

    def _read(
        self, project: str, secret: str, version: str, reader: Principal
    ) -> tuple[str, bytes]:
        name = f"projects/{project}/secrets/{secret}"
        asked = f"{name}/versions/{version}"
        self._cloud.access.require(reader, "secretmanager.versions.access", asked)
        kept = self._vault.version(name, version)
        found = kept["version"]
        if found["state"] != "ENABLED":
            raise precondition(f"Secret Version [{found['name']}] is in {found['state']} state.")
        return found["name"], base64.b64decode(kept["data"])

    # -- names ------------------------------------------------------------------------------

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
