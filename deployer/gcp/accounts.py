"""IAM service accounts: who functions and workflows are. (Its Python client is gRPC only.)

They have no labels, so what others have as labels stands in the description.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from deployer.errors import Conflict
from deployer.gcp.failures import Missing
from deployer.gcp.session import Session
from deployer.live import Live, Work
from deployer.resources import HASH_LABEL, PIPELINE_LABEL, PROJECT_LABEL, Account, Kind, digest
from deployer.target import Target

Json = Any
MARK = re.compile(r"([a-z-]+)=([\w-]*)")


class Accounts:
    """Keeper of service accounts."""

    def __init__(self, target: Target, session: Session, owner: str) -> None:
        self.session = session
        self.owner = owner
        self.root = f"{target.endpoints.iam}/v1/projects/{target.project_id}/serviceAccounts"

    def list(self, owner: str, wanted: Sequence[Account]) -> Sequence[Live]:
        names = {account.name for account in wanted}
        found = self.session.pages(self.root, "listing service accounts", "accounts")
        lives = map(live_of, found)
        return [live for live in lives if live.owner == owner or live.name in names]

    def members(self, owner: str) -> set[str]:
        """Policy members that are ours."""
        return {f"serviceAccount:{live.fields['email']}" for live in self.list(owner, ())}

    def put(self, resource: Account, live: Live | None, work: Work) -> None:
        told = {"displayName": resource.name, "description": self.description(resource)}
        if live is not None:
            self.update(resource, told)
            return
        body = {"accountId": resource.name, "serviceAccount": told}
        try:
            self.session.post(self.root, f"making service account {resource.name}", body)
        except Conflict as error:
            self.take_over(resource, told, error)

    def take_over(self, resource: Account, told: Json, error: Conflict) -> None:
        found = self.session.get(f"{self.root}/{resource.email}", "reading a service account")
        if live_of(found).owner != self.owner:
            hint = "it was not made by blocklift for this project: rename the pipeline"
            raise Conflict(str(error), hint) from error
        self.update(resource, told)

    def update(self, resource: Account, told: Json) -> None:
        body = {"serviceAccount": told, "updateMask": "displayName,description"}
        doing = f"updating service account {resource.name}"
        self.session.call("PATCH", f"{self.root}/{resource.email}", doing, body)

    def description(self, resource: Account) -> str:
        marks = {
            PROJECT_LABEL: self.owner,
            PIPELINE_LABEL: resource.pipeline,
            HASH_LABEL: digest(resource, {}),
        }
        return f"{resource.purpose} " + " ".join(f"{k}={v}" for k, v in marks.items())

    def drop(self, live: Live) -> None:
        url = f"{self.root}/{live.fields['email']}"
        try:
            self.session.call("DELETE", url, f"deleting service account {live.name}")
        except Missing:
            return


def live_of(data: Mapping[str, Json]) -> Live:
    marks = dict(MARK.findall(data.get("description", "")))
    name = str(data["email"]).split("@")[0]
    return Live(
        Kind.ACCOUNT,
        name,
        name,
        owner=marks.get(PROJECT_LABEL, ""),
        pipeline=marks.get(PIPELINE_LABEL, ""),
        digest=marks.get(HASH_LABEL, ""),
        fields={"email": data["email"]},
    )
