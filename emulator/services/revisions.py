"""Cloud Run Admin API v2: the revisions of a service, and which of them its calls go to.

Here one revision answers for a service at a time; traffic that is split is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json
from emulator.errors import ApiError, invalid, not_found
from emulator.host import front
from emulator.host.records import Records, Revision
from emulator.wire import page, route

SERVICE = "/v2/projects/{project}/locations/{location}/services/{service}"
ONE = SERVICE + "/revisions/{revision}"
LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
TYPES = ("", LATEST, REVISION)
"""Clients may send an enum as its number."""
ALL = 100


class Revisions:
    """`projects.locations.services.revisions`, and where a service's traffic goes."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def routes(self) -> list[BaseRoute]:
        return [
            route("GET", f"{SERVICE}/revisions", self._list),
            route("GET", ONE, self._get),
            route("DELETE", ONE, self._delete),
        ]

    @property
    def _records(self) -> Records:
        return front.of(self._cloud).records

    async def _list(self, request: Request) -> Json:
        service = service_of(request)
        self._allow(request, "run.revisions.list", service)
        return page(request, [shown(one) for one in self._records.revisions(service)], "revisions")

    async def _get(self, request: Request) -> Json:
        self._allow(request, "run.revisions.get", service_of(request))
        return shown(self._revision(full_name(request)))

    async def _delete(self, request: Request) -> Json:
        service, full = service_of(request), full_name(request)
        self._allow(request, "run.revisions.delete", service)
        found = self._revision(full)
        record = self._records.service(service) or {}
        if full in (record.get("pinned"), record.get("revision")):
            raise ApiError(
                "FAILED_PRECONDITION",
                f"Revision '{found.name}' cannot be deleted: it receives traffic or is the latest "
                "created revision of its service.",
            )
        self._records.forget(full)
        return self._done(service, shown(found), "Revision")

    def turn(self, service: str, given: dict[str, Json]) -> Json:
        """`services.patch` of `traffic` alone."""
        wanted = target_of(given.get("traffic") or [{"type": LATEST, "percent": ALL}])
        full = f"{service}/revisions/{wanted}" if wanted else None
        if full:
            self._revision(full)
        front.of(self._cloud).route(service, full)
        return self._done(service, {"name": service}, "Service")

    def _revision(self, full: str) -> Revision:
        found = self._records.revision(full)
        if found is None:
            raise not_found(full)
        return found

    def _done(self, service: str, answer: dict[str, Json], kind: str) -> Json:
        told = {"@type": f"type.googleapis.com/google.cloud.run.v2.{kind}", **answer}
        parent = service.partition("/services/")[0]
        metadata = {key: value for key, value in told.items() if key in ("@type", "name")}
        return self._cloud.operations("run").done(parent, metadata, told)

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)


def target_of(traffic: list[dict[str, Json]]) -> str:
    """The revision that all calls go to, by its short name; empty: the newest."""
    if sum(int(one.get("percent", 0)) for one in traffic) != ALL:
        raise invalid("traffic: the percentages must add up to 100")
    serving = [one for one in traffic if one.get("percent")]
    if len(serving) > 1 or any(one.get("tag") for one in traffic):
        raise ApiError("UNIMPLEMENTED", "Split traffic and tags are not served here.")
    kind = serving[0].get("type") or LATEST
    kind = TYPES[kind] if isinstance(kind, int) else kind
    name = str(serving[0].get("revision", ""))
    if (kind == REVISION) is not bool(name):
        raise invalid("traffic.revision: must be set for a revision's traffic, and only then")
    return name


def traffic_of(record: Mapping[str, Any]) -> list[dict[str, Json]]:
    """As `services.get` shows it."""
    if pinned := record.get("pinned"):
        name = pinned.rpartition("/")[2]
        return [{"type": REVISION, "revision": name, "percent": ALL}]
    return [{"type": LATEST, "percent": ALL}]


def shown(revision: Revision) -> dict[str, Json]:
    return {
        "name": f"{revision.service}/revisions/{revision.name}",
        "service": revision.service,
        "timeout": f"{revision.timeout:g}s",
        "serviceAccount": revision.account,
        "containers": [{"name": "worker", "image": image_of(revision)}],
        "maxInstanceRequestConcurrency": revision.concurrency,
        "conditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}],
    }


def image_of(revision: Revision) -> str:
    """What its function's build made."""
    place = f"{revision.location}-docker.pkg.dev/{revision.project}/gcf-artifacts"
    return f"{place}/{revision.short}@sha256:{revision.source}"


def service_of(request: Request) -> str:
    place = request.path_params
    parent = f"projects/{place['project']}/locations/{place['location']}"
    return f"{parent}/services/{place['service']}"


def full_name(request: Request) -> str:
    return f"{service_of(request)}/revisions/{request.path_params['revision']}"
