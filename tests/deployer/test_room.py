"""What is there and what a deploy adds, beside what Google allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployer.checkup import Finding
from deployer.errors import NotAllowed
from deployer.room import SERVICES, Room
from deployer.target import Target
from tests.deployer.making import block, pipeline, project

TARGET = Target("prod", "acme", "europe-west1", "b")
RUN = "https://run.googleapis.com/v2/projects/acme/locations/europe-west1/services"
IAM = "https://iam.googleapis.com/v1/projects/acme/serviceAccounts"
QUOTAS = (
    "https://serviceusage.googleapis.com/v1beta1/projects/acme/services/iam.googleapis.com/"
    "consumerQuotaMetrics"
)
SHOP = project(pipeline(block("load"), block("store", "load")))


class Google:
    """Lists of names by URL."""

    def __init__(self, lists: Mapping[str, list[Any]], closed: frozenset[str] = frozenset()):
        self.lists = lists
        self.closed = closed

    def pages(self, url: str, doing: str, _: str) -> list[Any]:
        if url in self.closed:
            raise NotAllowed(f"{doing}: permission denied")
        return self.lists.get(url, [])


def found(lists: Mapping[str, list[Any]], *closed: str) -> dict[str, Finding]:
    session: Any = Google(lists, frozenset(closed))
    return {f.what.split(":")[0]: f for f in Room(SHOP, TARGET, session).findings()}


def named(count: int, name: str = "other") -> list[Any]:
    return [{"name": f"projects/acme/things/{name}-{n}"} for n in range(count)]


def test_an_empty_project_has_room() -> None:
    looked = found({})
    assert all(finding.fine for finding in looked.values())
    assert looked["services in europe-west1"].what.endswith("0 there, 2 to be made, 1,000 allowed")
    assert looked["workflows"].what == "workflows: 0 there, 1 to be made, 10,000 allowed"


def test_a_full_region_is_told() -> None:
    assert found({RUN: named(SERVICES - 2)})["services in europe-west1"].fine
    full = found({RUN: named(SERVICES - 1)})["services in europe-west1"]
    assert not full.fine
    assert "another `region:`" in full.mend


def test_what_is_there_already_needs_no_more_room() -> None:
    ours = [{"name": f"{RUN}/daily-{name}"} for name in ("load", "store")]
    looked = found({RUN: [*named(SERVICES - 2), *ours]})["services in europe-west1"]
    assert (looked.fine, looked.what.endswith("none to be made")) == (True, True)


def test_a_raised_quota_counts() -> None:
    many = named(99)
    short = found({IAM: many})["service accounts"]
    assert not short.fine
    assert "gcloud beta quotas info list --service=iam.googleapis.com" in short.mend
    bucket = {"effectiveLimit": "300"}
    metric = {
        "metric": "iam.googleapis.com/quota/service-account-count",
        "consumerQuotaLimits": [{"quotaBuckets": [bucket]}],
    }
    assert found({IAM: many, QUOTAS: [metric]})["service accounts"].fine
    assert not found({IAM: many}, QUOTAS)["service accounts"].fine
    bucket["effectiveLimit"] = "-1"
    assert found({IAM: many, QUOTAS: [metric]})["service accounts"].fine


def test_who_may_not_look_is_told_so() -> None:
    looked = found({}, RUN)["room for services could not be looked at"]
    assert looked.fine
