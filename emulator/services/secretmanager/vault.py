"""Where secrets and versions are kept, and what the clock does to them.

Nothing watches the clock: what is due happens at the next look.
"""

from __future__ import annotations

from typing import Any

from emulator.clock import rfc3339, unix
from emulator.cloud import Cloud, Json
from emulator.errors import ApiError
from emulator.services.secretmanager.rules import (
    dated,
    etag_of,
    number_of,
    precondition,
    public_name,
    with_etag,
)

SECRET, COUNT, VERSION = "secret", "secret-count", "secret-version"


class Vault:
    """Secrets by `projects/<id>/secrets/<secret>`, versions below them."""

    def __init__(self, cloud: Cloud) -> None:
        self._store = cloud.store
        self._clock = cloud.clock
        self._access = cloud.access

    # -- secrets ----------------------------------------------------------------------------

    def create(self, name: str, secret: dict[str, Json]) -> bool:
        return self._store.create(SECRET, name, self._ready(secret))

    def change(self, name: str, secret: dict[str, Json]) -> None:
        self._check_aliases(name, secret)
        self._store.put(SECRET, name, self._ready(secret))

    def _ready(self, secret: dict[str, Json]) -> dict[str, Json]:
        return with_etag(dated(secret, self._clock.now()))

    def all_of(self, parent: str) -> list[dict[str, Json]]:
        names = [name for name, _ in self._store.list(SECRET, f"{parent}/secrets/")]
        return [secret for name in names if (secret := self.kept(name))]

    def find(self, name: str) -> dict[str, Json]:
        secret = self.kept(name)
        if secret is None:
            raise ApiError("NOT_FOUND", f"Secret [{public_name(name)}] not found.")
        return secret

    def kept(self, name: str) -> dict[str, Json] | None:
        """None also for a secret whose time is over, which goes with its versions."""
        secret: dict[str, Json] | None = self._store.get(SECRET, name)
        moment = (secret or {}).get("expireTime")
        if moment and unix(moment) <= self._clock.now():
            self.forget(name)
            return None
        return secret

    def forget(self, name: str) -> None:
        for version, _ in self._store.list(VERSION, f"{name}/versions/"):
            self._store.delete(VERSION, version)
        self._store.delete(SECRET, name)
        self._store.delete(COUNT, name)
        self._access.forget(name)

    def _check_aliases(self, name: str, secret: dict[str, Json]) -> None:
        known = {number_of(kept["version"]) for _, kept in self._versions(name)}
        for alias, number in (secret.get("versionAliases") or {}).items():
            if int(number) not in known:
                raise precondition(f"Alias '{alias}' names version {number}, which is not there.")

    # -- versions ---------------------------------------------------------------------------

    def add(self, name: str, data: str) -> dict[str, Any]:
        number = (self._store.get(COUNT, name) or 0) + 1
        version = {
            "name": f"{public_name(name)}/versions/{number}",
            "createTime": rfc3339(self._clock.now()),
            "state": "ENABLED",
            "replicationStatus": {"automatic": {}},
        }
        self._store.put(COUNT, name, number)
        self._keep(f"{name}/versions/{number}", version, data)
        return version

    def versions_of(self, name: str) -> list[dict[str, Any]]:
        """Newest first."""
        kept = [self._due(place, kept)["version"] for place, kept in self._versions(name)]
        return sorted(kept, key=number_of, reverse=True)

    def _versions(self, name: str) -> list[tuple[str, Json]]:
        return self._store.list(VERSION, f"{name}/versions/")

    def version(self, name: str, version: str) -> dict[str, Any]:
        """By number, by alias or the latest."""
        secret = self.find(name)
        number = self._numbered(name, secret, version)
        kept: dict[str, Any] | None = self._store.get(VERSION, f"{name}/versions/{number}")
        if kept is None:
            gone = f"{public_name(name)}/versions/{version}"
            raise ApiError("NOT_FOUND", f"Secret Version [{gone}] not found.")
        return self._due(f"{name}/versions/{number}", kept)

    def _numbered(self, name: str, secret: dict[str, Json], version: str) -> str:
        if version == "latest":
            return str(self._store.get(COUNT, name) or "latest")
        return str((secret.get("versionAliases") or {}).get(version, version))

    def _keep(self, name: str, version: dict[str, Json], data: str) -> None:
        version["etag"] = etag_of({**version, "etag": None})
        self._store.put(VERSION, name, {"version": version, "data": data})

    def set_state(self, place: str, kept: dict[str, Any], state: str) -> Json:
        kept["version"]["state"] = state
        self._keep(place, kept["version"], kept["data"])
        return kept["version"]

    def end(self, place: str, kept: dict[str, Any]) -> Json:
        version, kept["data"] = kept["version"], ""
        version.pop("scheduledDestroyTime", None)
        version["destroyTime"] = rfc3339(self._clock.now())
        return self.set_state(place, kept, "DESTROYED")

    def _due(self, place: str, kept: dict[str, Any]) -> dict[str, Any]:
        """A version as it is now: destroyed, if its time has come."""
        moment = kept["version"].get("scheduledDestroyTime")
        if moment and unix(moment) <= self._clock.now():
            self.end(place, kept)
        return kept
