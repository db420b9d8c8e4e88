"""Cloud Run Admin API v2: making, changing and deleting services of one's own.

A service that a function made is its function's business: only its traffic is changed here. A
change that fails leaves what was there, as in the cloud; a service whose first revision does not
start is not kept, where Cloud Run would show it as not ready.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json
from emulator.errors import ApiError, already_exists, invalid, not_found
from emulator.host import front
from emulator.host.errors import StartError
from emulator.host.records import Revision
from emulator.services.functions.rollout import not_ready, unreadable_secret
from emulator.services.revisions import Revisions, service_of
from emulator.services.run import SHOWN, shown
from emulator.services.runbuilds import IMAGES
from emulator.services.runresource import check, container_of, digest_of, revision_of, settable
from emulator.simulate import Simulation
from emulator.wire import apply_mask, body, mask_of, route

PLACE = "/v2/projects/{project}/locations/{location}"
ONE = PLACE + "/services/{service}"
TYPE = "type.googleapis.com/google.cloud.run.v2.Service"
MANAGER = "goog-managed-by"
Document = dict[str, Json]


class Writes:
    """`projects.locations.services`: create, patch and delete, one at a time for each service."""

    def __init__(self, cloud: Cloud, revisions: Revisions) -> None:
        self._cloud = cloud
        self._revisions = revisions
        self._busy: set[str] = set()

    def routes(self) -> list[BaseRoute]:
        return [
            route("POST", f"{PLACE}/services", self._create),
            route("PATCH", ONE, self._patch),
            route("DELETE", ONE, self._delete),
        ]

    async def _create(self, request: Request) -> Json:
        place, given = request.path_params, settable(await body(request))
        parent = f"projects/{place['project']}/locations/{place['location']}"
        self._allow(request, "run.services.create", parent)
        name = f"{parent}/services/{request.query_params.get('serviceId', '')}"
        if front.of(self._cloud).records.service(name):
            raise already_exists(name)
        return self._change(request, name, given)

    async def _patch(self, request: Request) -> Json:
        name, sent = service_of(request), await body(request)
        self._allow(request, "run.services.update", name)
        record = front.of(self._cloud).records.service(name)
        masked = "updateMask" in request.query_params
        if record and masked and mask_of(request, sent) == ["traffic"]:
            return self._revisions.turn(name, sent)
        if record is None:
            if request.query_params.get("allowMissing") != "true":
                raise not_found(name)
            self._allow(request, "run.services.create", name.partition("/services/")[0])
            return self._change(request, name, settable(sent))
        if "written" not in record:
            text = "Of a function's service only `traffic` can be updated here: updateMask."
            raise ApiError("UNIMPLEMENTED", text)
        wanted = dict(record["written"])
        given = settable(sent)
        apply_mask(wanted, given, mask_of(request, given) if masked else list(given))
        return self._change(request, name, wanted)

    async def _delete(self, request: Request) -> Json:
        name = service_of(request)
        self._allow(request, "run.services.delete", name)
        host = front.of(self._cloud)
        record = host.records.service(name)
        revision = host.records.revision(record["revision"]) if record else None
        if record is None or revision is None:
            raise not_found(name)
        if "written" not in record:
            raise invalid(f"{name} belongs to a function: delete the function.")
        gone = {"@type": TYPE, **shown(record, revision)}

        async def work(metadata: Document) -> Json:
            try:
                await host.remove(name)
            finally:
                self._busy.discard(name)
            return gone

        return self._operation(name, work)

    # -- one change -------------------------------------------------------------------------

    def _change(self, request: Request, name: str, wanted: Document) -> Json:
        check(name.rpartition("/")[2], wanted)
        if request.query_params.get("validateOnly") == "true":
            return self._cloud.operations("run").done(parent_of(name), {"@type": TYPE}, {})
        revision = self._revision(name, wanted)
        account = f"projects/{revision.project}/serviceAccounts/{revision.account}"
        self._allow(request, "iam.serviceAccounts.actAs", account)

        async def work(metadata: Document) -> Json:
            try:
                return await self._roll_out(revision, wanted)
            finally:
                self._busy.discard(name)

        return self._operation(name, work)

    def _revision(self, name: str, wanted: Document) -> Revision:
        record = front.of(self._cloud).records.service(name) or {}
        container = container_of(wanted)
        built = self._cloud.store.get(IMAGES, digest_of(container))
        if built is None:
            raise invalid(f"Image '{container['image']}' not found.")
        return revision_of(name, record.get("generation", 0) + 1, wanted, built)

    async def _roll_out(self, revision: Revision, wanted: Document) -> Json:
        simulation: Simulation | None = self._cloud.parts.get("simulation")
        if simulation:
            await simulation.rollout()
        host = front.of(self._cloud)
        if problem := unreadable_secret(self._cloud, revision):
            raise ApiError(
                "INVALID_ARGUMENT", f"Revision '{revision.name}' is not ready: {problem}"
            )
        record = self._record(revision, wanted, host.records.service(revision.service) or {})
        try:
            await host.deploy(revision, record)
        except StartError:
            raise ApiError("INVALID_ARGUMENT", not_ready(revision)) from None
        if not wanted.get("traffic"):
            host.route(revision.service, None)
        made = host.records.service(revision.service)
        assert made is not None, revision
        return {"@type": TYPE, **shown(made, revision)}

    def _record(self, revision: Revision, wanted: Document, before: Mapping[str, Any]) -> Document:
        moment = rfc3339(self._cloud.clock.now())
        container = container_of(wanted)
        limits = container["resources"]["limits"]
        return {
            "name": revision.service,
            "uid": before.get("uid") or str(uuid.uuid4()),
            "generation": before.get("generation", 0) + 1,
            "createTime": before.get("createTime") or moment,
            "updateTime": moment,
            "labels": wanted.get("labels") or {},
            "memory": limits["memory"],
            "cpu": limits["cpu"],
            "pinned": before.get("pinned"),
            "image": container["image"],
            "env": container.get("env") or [],
            "written": wanted,
            **{field: wanted[field] for field in SHOWN if wanted.get(field)},
        }

    def _operation(self, name: str, work: Any) -> Json:
        if name in self._busy:
            raise ApiError("ABORTED", f"Conflict for resource '{name}': it is being changed.")
        self._busy.add(name)
        metadata = {"@type": TYPE, "name": name}
        return self._cloud.operations("run").start(parent_of(name), metadata, work)

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)


def parent_of(name: str) -> str:
    return name.partition("/services/")[0]
