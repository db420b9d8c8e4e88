"""Whether Google's cloud has room for a project: what is there already, what a deploy would add.

Services of a region (Cloud Run: "Quotas and limits"), service accounts of a Google project (IAM:
"Quotas and limits"), workflows (Workflows: "Quotas and limits"). Those that an administrator may
raise are asked of Service Usage, where nobody did they are Google's defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from deployer.checkup import Finding
from deployer.errors import CloudError
from deployer.gcp.session import Session
from deployer.model import Project
from deployer.naming import function_id, notifier_id, trigger_function_id, workflow_id
from deployer.rights.grants import Rights
from deployer.target import Target

Json = Any
SERVICES = 1000
"""Cloud Run: of one region; functions and plain services together. Nobody may raise it."""
ACCOUNTS = 100
WORKFLOWS = 10_000


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit: how it is called, where its number may have been changed."""

    what: str
    default: int
    api: str = ""
    metric: str = ""
    """How the name of its metric ends; empty when it is fixed."""


@dataclass(frozen=True, slots=True)
class Room:
    """Of one project in one target."""

    project: Project
    target: Target
    session: Session

    def findings(self) -> Iterator[Finding]:
        for look in (self.services, self.accounts, self.workflows):
            try:
                yield look()
            except CloudError as error:
                yield Finding(True, f"room for {look.__name__} could not be looked at: {error}")

    def services(self) -> Finding:
        """Functions are services under the same names."""
        url = f"{self.target.endpoints.run}/v2/{self.target.parent}/services"
        listed = self.names(url, "services", "listing services")
        blocks = {
            function_id(p, block)
            for p in self.project.pipelines
            for block in (*p.blocks, *p.conditionals, *p.callbacks)
        }
        if "api" in self.kinds():
            blocks.add(trigger_function_id(self.project.alias))
        if self.project.metadata.get("notification_config"):
            blocks.add(notifier_id(self.project.alias))
        quota = Quota(f"services in {self.target.region}", SERVICES, "run.googleapis.com")
        return self.judged(quota, listed, blocks)

    def accounts(self) -> Finding:
        root = f"{self.target.endpoints.iam}/v1/projects/{self.target.project_id}"
        listed = self.names(f"{root}/serviceAccounts", "accounts", "listing service accounts")
        rights = Rights(self.project, self.target)
        starters = {"api": rights.starter(), "time": rights.clock()}
        needed = [account for kind, account in starters.items() if kind in self.kinds()]
        wanted = {account.email for account in rights.accounts(needed)}
        api = "iam.googleapis.com"
        return self.judged(
            Quota("service accounts", ACCOUNTS, api, "service-account-count"), listed, wanted
        )

    def workflows(self) -> Finding:
        url = f"{self.target.endpoints.workflows}/v1/{self.target.parent}/workflows"
        listed = self.names(url, "workflows", "listing workflows")
        api, wanted = "workflows.googleapis.com", set(map(workflow_id, self.project.pipelines))
        return self.judged(Quota("workflows", WORKFLOWS, api, "workflows"), listed, wanted)

    def kinds(self) -> set[str]:
        """Of triggers."""
        return {t.kind for pipeline in self.project.pipelines for t in pipeline.triggers}

    def names(self, url: str, items: str, doing: str) -> set[str]:
        """Last parts of the names that an API lists."""
        found = self.session.pages(url, doing, items)
        return {str(item.get("name", "")).rpartition("/")[2] for item in found}

    def judged(self, quota: Quota, there: set[str], wanted: Iterable[str]) -> Finding:
        more = len(set(wanted) - there)
        limit = self.limit(quota) if more else quota.default
        told = f"{quota.what}: {len(there)} there, {more} to be made, {limit:,} allowed"
        if not more:
            return Finding(True, f"{quota.what}: {len(there)} there, none to be made")
        fits = len(there) + more <= limit
        return Finding(fits, told, "" if fits else self.mend(quota))

    def limit(self, quota: Quota) -> int:
        """The project's own number where there is one; it may not be ours to see."""
        if not quota.metric:
            return quota.default
        place = f"projects/{self.target.project_id}/services/{quota.api}/consumerQuotaMetrics"
        url = f"{self.target.endpoints.usage}/v1beta1/{place}"
        try:
            metrics = list(self.session.pages(url, f"reading quotas of {quota.api}", "metrics"))
        except CloudError:
            return quota.default
        numbers = [n for m in metrics if _is(m, quota.metric) for n in limits_of(m)]
        return max(numbers, default=quota.default)

    def mend(self, quota: Quota) -> str:
        project = self.target.project_id
        if not quota.metric:
            return "use another `region:` or `project_id:` for this target in blocklift.yaml"
        return (
            f"ask for more: gcloud beta quotas info list --service={quota.api} --project={project}"
            " names its id for `gcloud beta quotas preferences create`"
        )


def _is(metric: Json, ending: str) -> bool:
    return str(metric.get("metric", "")).rpartition("/")[2] == ending


def limits_of(metric: Json) -> Iterator[int]:
    """In force, wherever; -1 is no limit at all."""
    for limit in metric.get("consumerQuotaLimits") or ():
        for bucket in limit.get("quotaBuckets") or ():
            number = int(bucket.get("effectiveLimit", 0))
            yield number if number >= 0 else 1 << 62
