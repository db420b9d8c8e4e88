"""What stands in a deploy's way in Google's cloud, beside APIs and roles, which `doctor` looks at.

Bucket names that are somebody else's, regions where an API is not offered, and policies of an
organization (Organization Policy: "Organization policy constraints").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deployer.errors import CloudError, NotAllowed
from deployer.gcp.session import Session
from deployer.model import Project
from deployer.naming import label
from deployer.resources import PROJECT_LABEL
from deployer.target import Target

Json = Any
ACCOUNTS = "iam.disableServiceAccountCreation"
MEMBERS = "iam.allowedPolicyMemberDomains"
INGRESS = "run.allowedIngress"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    fine: bool
    what: str
    mend: str = ""

    def to_json(self) -> dict[str, Json]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Checkup:
    """Of one project in one target."""

    project: Project
    target: Target
    session: Session

    def findings(self) -> Iterator[Finding]:
        for look in (self.buckets, self.regions, self.policies):
            try:
                yield from look()
            except CloudError as error:
                yield Finding(True, f"{look.__name__} could not be looked at: {error}")

    # -- buckets -----------------------------------------------------------------------------

    def buckets(self) -> Iterator[Finding]:
        yield self.own_bucket(self.target.bucket)
        yield from map(self.data_bucket, self.target.buckets)

    def own_bucket(self, name: str) -> Finding:
        """Names are global: a stranger's bucket answers 403."""
        other = f"set another `bucket:` for target {self.target.name} in blocklift.yaml"
        try:
            found = self.bucket(name)
        except NotAllowed:
            return Finding(False, f"bucket {name} is not this project's to see", other)
        if found is None:
            return Finding(True, f"bucket {name} is free: the first deploy makes it")
        owner = (found.get("labels") or {}).get(PROJECT_LABEL, "")
        if owner != label(self.project.alias):
            whose = f"of {owner}" if owner else "not made by blocklift"
            return Finding(False, f"bucket {name} exists and is {whose}", other)
        return Finding(True, f"bucket {name} is this project's")

    def data_bucket(self, name: str) -> Finding:
        where = f"--project {self.target.project_id} --location {self.target.region}"
        make = f"gcloud storage buckets create gs://{name} {where} --uniform-bucket-level-access"
        try:
            found = self.bucket(name)
        except NotAllowed as error:
            return Finding(False, f"data bucket {name} may not be read: {error}", error.hint)
        return Finding(bool(found), f"data bucket {name}", "" if found else make)

    def bucket(self, name: str) -> Json | None:
        url = f"{self.target.endpoints.storage}/storage/v1/b/{name}"
        found: Json | None = self.session.find(url, f"reading bucket {name}")
        return found

    # -- regions -----------------------------------------------------------------------------

    def regions(self) -> Iterator[Finding]:
        ends, region = self.target.endpoints, self.target.region
        roots = {
            "Cloud Functions": f"{ends.functions}/v2",
            "Workflows": f"{ends.workflows}/v1",
            "Cloud Scheduler": f"{ends.scheduler}/v1",
        }
        for service, root in roots.items():
            url = f"{root}/projects/{self.target.project_id}/locations"
            listed = self.session.pages(url, f"listing regions of {service}", "locations")
            offered = sorted(str(place.get("locationId")) for place in listed)
            near = [
                name for name in offered if name.split("-")[0] == region.split("-", maxsplit=1)[0]
            ]
            mend = f"choose a `region:` that it has: {', '.join(near or offered)}"
            fine = region in offered
            yield Finding(fine, f"{service} in {region}", "" if fine else mend)

    # -- policies of the organization ---------------------------------------------------------

    def policies(self) -> Iterator[Finding]:
        forbidden = f"constraint {ACCOUNTS} forbids making service accounts"
        yield self.policy(ACCOUNTS, any(map(enforced, self.rules(ACCOUNTS))), forbidden)
        if not any(t.kind == "api" for p in self.project.pipelines for t in p.triggers):
            return
        closed = f"constraint {MEMBERS} lets nobody outside in: API triggers cannot be called"
        yield self.policy(MEMBERS, any(map(limited, self.rules(MEMBERS))), closed)
        inside = any(limited(rule) and not allows(rule, "all") for rule in self.rules(INGRESS))
        yield self.policy(
            INGRESS, inside, f"constraint {INGRESS} closes the API triggers' function"
        )

    def policy(self, constraint: str, blocks: bool, told: str) -> Finding:
        project = self.target.project_id
        mend = (
            f"ask the organization's administrator for an exception: gcloud org-policies describe "
            f"{constraint} --project {project} --effective"
        )
        return Finding(not blocks, told if blocks else f"constraint {constraint}", mend * blocks)

    def rules(self, constraint: str) -> list[Mapping[str, Json]]:
        """Those in force; none where nobody set any."""
        place = f"projects/{self.target.project_id}/policies/{constraint}"
        url = f"{self.target.endpoints.policies}/v2/{place}:getEffectivePolicy"
        found = self.session.find(url, f"reading constraint {constraint}") or {}
        rules: list[Mapping[str, Json]] = (found.get("spec") or {}).get("rules") or []
        return rules


def enforced(rule: Mapping[str, Json]) -> bool:
    return bool(rule.get("enforce"))


def limited(rule: Mapping[str, Json]) -> bool:
    """Something is left out."""
    return bool(rule.get("denyAll") or rule.get("values"))


def allows(rule: Mapping[str, Json], value: str) -> bool:
    allowed = (rule.get("values") or {}).get("allowedValues") or ()
    return value in {str(one).removeprefix("is:") for one in allowed}
