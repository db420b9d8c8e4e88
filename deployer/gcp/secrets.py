"""Secret Manager: the settings of a project, one secret each, values never shown."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from deployer.errors import Conflict
from deployer.gcp.failures import told
from deployer.gcp.session import Session
from deployer.live import Live, Work, value_digest
from deployer.resources import PROJECT_LABEL, Kind, Secret, key
from deployer.target import Target

Json = Any


class Secrets:
    """Keeper of secrets and their newest versions."""

    def __init__(self, target: Target, session: Session, owner: str) -> None:
        self.target = target
        self.session = session
        self.owner = owner
        self.parent = f"projects/{target.project_id}"
        self.root = f"{target.endpoints.secrets}/v1/{self.parent}/secrets"

    @cached_property
    def client(self) -> Any:
        from google.cloud import secretmanager_v1

        return secretmanager_v1.SecretManagerServiceClient(
            transport="rest",
            credentials=self.target.credentials(),
            client_options={"api_endpoint": self.target.endpoints.secrets},
        )

    def list(self, owner: str, wanted: Sequence[Secret]) -> Sequence[Live]:
        """Ours with the number of the newest version; values only of those we could push."""
        query = {"filter": f"labels.{PROJECT_LABEL}={owner}", "pageSize": 1000}
        found = self.session.pages(self.root, "listing secrets", "secrets", query)
        ours = [data["name"].rsplit("/", 1)[-1] for data in found]
        valued = {secret.name for secret in wanted if secret.value is not None}
        titles = {secret.name: secret.setting for secret in wanted}
        with ThreadPoolExecutor(8) as pool:
            newest = pool.map(lambda name: self.newest(name, name in valued), ours)
        return [
            live_of(owner, name, titles.get(name, name), version)
            for name, version in zip(ours, newest, strict=True)
        ]

    def newest(self, name: str, with_value: bool) -> Mapping[str, Json] | None:
        verb = ":access" if with_value else ""
        url = f"{self.root}/{name}/versions/latest{verb}"
        found: Json | None = self.session.find(url, f"reading secret {name}")
        if found and found.get("state", "ENABLED") != "ENABLED":
            return None
        return found

    def value(self, name: str) -> str:
        """The newest value; empty when there is none."""
        newest = self.newest(name, with_value=True)
        return value_of(newest) if newest else ""

    def put(self, resource: Secret, live: Live | None, work: Work) -> None:
        """The secret, and a new version when there is a value that it does not have."""
        if live is None:
            self.create(resource)
        if resource.value is None:
            return
        newest = self.newest(resource.name, with_value=True)
        if newest is None or value_of(newest) != resource.value:
            newest = {"name": self.push(resource.name, resource.value)}
        work.known[key(resource)] = newest["name"].rsplit("/", 1)[-1]

    def create(self, resource: Secret) -> None:
        secret = {"replication": {"automatic": {}}, "labels": {PROJECT_LABEL: self.owner}}
        try:
            with told(f"making secret {resource.name}"):
                self.client.create_secret(
                    parent=self.parent, secret_id=resource.name, secret=secret, **self.target.once
                )
        except Conflict as error:
            found = self.session.get(f"{self.root}/{resource.name}", "reading a secret")
            if (found.get("labels") or {}).get(PROJECT_LABEL) != self.owner:
                hint = "it was not made by blocklift for this project"
                raise Conflict(str(error), hint) from error

    def push(self, name: str, value: str) -> str:
        """Full name of the new version."""
        parent = f"{self.parent}/secrets/{name}"
        with told(f"adding a version to secret {name}"):
            made = self.client.add_secret_version(
                parent=parent, payload={"data": value.encode()}, **self.target.once
            )
        return str(made.name)

    def drop(self, live: Live) -> None:
        from google.api_core.exceptions import NotFound

        with told(f"deleting secret {live.name}"):
            try:
                self.client.delete_secret(
                    name=f"{self.parent}/secrets/{live.name}", **self.target.once
                )
            except NotFound:
                return


def live_of(owner: str, name: str, title: str, version: Mapping[str, Json] | None) -> Live:
    number = version["name"].rsplit("/", 1)[-1] if version else ""
    hashed = value_digest(value_of(version)) if version and "payload" in version else ""
    return Live(Kind.SECRET, name, title, owner, version=number, value_digest=hashed)


def value_of(version: Mapping[str, Json]) -> str:
    return base64.b64decode(version["payload"].get("data", "")).decode()
