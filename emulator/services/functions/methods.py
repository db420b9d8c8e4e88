"""The methods of the Cloud Functions API v2."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json
from emulator.errors import ApiError, already_exists, invalid, not_found
from emulator.host import front
from emulator.iam import policy_routes
from emulator.services.functions.resource import (
    RUNTIMES,
    SETTABLE,
    check,
    id_problem,
    service_of,
    settable,
    with_defaults,
)
from emulator.services.functions.rollout import BUILDS, STAGES, Rollout, Stages, now
from emulator.services.functions.uploads import Uploads
from emulator.simulate import Simulation
from emulator.wire import apply_mask, body, mask_of, page, route

FUNCTION = "function"
TYPE = "type.googleapis.com/google.cloud.functions.v2"
ANY_PLACE = "/v2/projects/{project}/locations/{location}"
ONE = ANY_PLACE + "/functions/{function}"
AT_ONCE = 8
"""Functions that are built and started side by side."""
NEEDS_REVISION = ("buildConfig", "serviceConfig", "eventTrigger")


class Functions:
    """Functions by name, at most one operation on each at a time."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._uploads = Uploads(cloud)
        self._busy: set[str] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[BaseRoute]:
        every = f"{ANY_PLACE}/functions"
        return [
            route("POST", f"{every}:generateUploadUrl", self._upload_url),
            route("POST", f"{ONE}:generateDownloadUrl", self._download_url),
            route("POST", f"{ONE}:setIamPolicy", self._set_policy),
            *policy_routes(self._cloud, ONE, "cloudfunctions.functions", name_of),
            route("POST", every, self._create),
            route("GET", every, self._list),
            route("GET", ONE, self._get),
            route("PATCH", ONE, self._patch),
            route("DELETE", ONE, self._delete),
            route("GET", f"{ANY_PLACE}/runtimes", self._runtimes),
            *self._uploads.routes(),
        ]

    async def start(self) -> None:
        """What a killed emulator left half-made has failed: the next deployment makes it anew."""
        for name, function in self._cloud.store.list(FUNCTION):
            if function["state"] in ("DEPLOYING", "DELETING"):
                text = "The deployment was interrupted by a restart of the emulator."
                told = {"severity": "ERROR", "type": "Interrupted", "message": text}
                self._put({**function, "name": name, "state": "FAILED", "stateMessages": [told]})

    # -- reading ----------------------------------------------------------------------------

    async def _get(self, request: Request) -> Json:
        name = name_of(request)
        self._allow(request, "cloudfunctions.functions.get", name)
        return self._function(name)

    async def _list(self, request: Request) -> Json:
        parent = parent_of(request)
        self._allow(request, "cloudfunctions.functions.list", parent)
        project, _, location = parent.partition("/locations/")
        prefix = f"{project}/locations/" + ("" if location == "-" else f"{location}/functions/")
        wanted = request.query_params.get("filter", "")
        if wanted and wanted.replace(" ", "") != 'environment="GEN_2"':
            raise invalid(f"Invalid filter: {wanted}")
        found = [self._shown(function) for _, function in self._cloud.store.list(FUNCTION, prefix)]
        return page(request, found, "functions")

    async def _runtimes(self, request: Request) -> Json:
        self._allow(request, "cloudfunctions.runtimes.list", parent_of(request))
        shown = [
            {
                "name": name,
                "displayName": f"Python 3.{name.removeprefix('python3')}",
                "stage": "GA",
                "environment": "GEN_2",
            }
            for name in RUNTIMES
        ]
        return {"runtimes": shown}

    def _function(self, name: str) -> dict[str, Json]:
        found: dict[str, Json] | None = self._cloud.store.get(FUNCTION, name)
        if found is None:
            raise not_found(name)
        return self._shown(found)

    def _shown(self, function: dict[str, Json]) -> dict[str, Json]:
        """With what Cloud Run may have changed since: where its traffic goes."""
        record = front.of(self._cloud).records.service(service_of(function["name"])) or {}
        latest = not record.get("pinned")
        config = {**function["serviceConfig"], "allTrafficOnLatestRevision": latest}
        return {**function, "serviceConfig": config}

    # -- sources ----------------------------------------------------------------------------

    async def _upload_url(self, request: Request) -> Json:
        self._allow(request, "cloudfunctions.functions.sourceCodeSet", parent_of(request))
        front.of(self._cloud).expect()
        return self._uploads.upload_url(
            request.path_params["project"], request.path_params["location"]
        )

    async def _download_url(self, request: Request) -> Json:
        name = name_of(request)
        self._allow(request, "cloudfunctions.functions.sourceCodeGet", name)
        source = self._function(name)["buildConfig"]["source"]["storageSource"]
        return self._uploads.download_url(source["bucket"], source["object"])

    # -- changing ---------------------------------------------------------------------------

    async def _create(self, request: Request) -> Json:
        parent, short = parent_of(request), request.query_params.get("functionId", "")
        self._allow(request, "cloudfunctions.functions.create", parent)
        if problem := id_problem(short):
            raise invalid(problem)
        name = f"{parent}/functions/{short}"
        given = settable(await body(request))
        self._check(request, given)
        if self._cloud.store.get(FUNCTION, name):
            raise already_exists(name)
        self._refuse_taken_service(name)
        moment = now(self._cloud)
        function = {**with_defaults(name, given), "createTime": moment, "updateTime": moment}
        return self._change(function, "create", rebuild=True)

    async def _patch(self, request: Request) -> Json:
        name, sent = name_of(request), await body(request)
        self._allow(request, "cloudfunctions.functions.update", name)
        live = self._function(name)
        given = settable(sent)
        masked = "updateMask" in request.query_params
        paths = mask_of(request, given) if masked else list(SETTABLE)
        wanted = settable(live)
        apply_mask(wanted, given, [path for path in paths if path.partition(".")[0] in SETTABLE])
        self._check(request, wanted)
        function = {
            **with_defaults(name, wanted),
            "createTime": live["createTime"],
            "updateTime": now(self._cloud),
        }
        touched = {path.partition(".")[0] for path in paths}
        if touched.isdisjoint(NEEDS_REVISION) and live["state"] == "ACTIVE":
            self._put({**function, "state": "ACTIVE"})
            return self._done(function, "update")
        return self._change(function, "update", rebuild="buildConfig" in touched)

    async def _delete(self, request: Request) -> Json:
        name = name_of(request)
        self._allow(request, "cloudfunctions.functions.delete", name)
        function = self._function(name)

        async def work(metadata: dict[str, Json]) -> Json:
            with self._one_at_a_time(name):
                await front.of(self._cloud).remove(service_of(name))
                self._cloud.store.delete(FUNCTION, name)
                self._cloud.store.delete(BUILDS, name)
                self._cloud.access.forget(name)
                return {"@type": "type.googleapis.com/google.protobuf.Empty"}

        self._refuse_if_busy(name)
        self._put({**function, "state": "DELETING"})
        return self._operation(function, "delete", work)

    def _change(self, function: dict[str, Json], verb: str, rebuild: bool) -> Json:
        name = function["name"]

        async def work(metadata: dict[str, Json]) -> Json:
            with self._one_at_a_time(name):
                try:
                    await self._take_time(metadata, rebuild)
                    async with self._turns:
                        await Rollout(self._cloud).run(function, metadata, rebuild)
                finally:
                    self._put(function)
                return {"@type": f"{TYPE}.Function", **function}

        self._refuse_if_busy(name)
        function["state"] = "DEPLOYING"
        self._put(function)
        return self._operation(function, verb, work)

    async def _take_time(self, metadata: dict[str, Json], rebuild: bool) -> None:
        """As long as Google's builds take, where that is asked for."""
        simulation: Simulation | None = self._cloud.parts.get("simulation")
        if simulation is None:
            return
        if rebuild:
            Stages(metadata, STAGES).begin("BUILD")
            await simulation.build()
        Stages(metadata, STAGES).begin("SERVICE")
        await simulation.rollout()

    def _operation(self, function: dict[str, Json], verb: str, work: Any) -> Json:
        self._busy.add(function["name"])
        parent = function["name"].partition("/functions/")[0]
        return self._cloud.operations("functions").start(
            parent, self._metadata(function, verb), work
        )

    def _done(self, function: dict[str, Json], verb: str) -> Json:
        parent = function["name"].partition("/functions/")[0]
        answer = {"@type": f"{TYPE}.Function", **self._function(function["name"])}
        return self._cloud.operations("functions").done(
            parent, self._metadata(function, verb), answer
        )

    def _metadata(self, function: Mapping[str, Json], verb: str) -> dict[str, Json]:
        return {
            "@type": f"{TYPE}.OperationMetadata",
            "createTime": now(self._cloud),
            "target": function["name"],
            "verb": verb,
            "cancelRequested": False,
            "apiVersion": "v2",
            "operationType": f"{verb.upper()}_FUNCTION",
            "stages": [],
        }

    # -- rules ------------------------------------------------------------------------------

    @contextmanager
    def _one_at_a_time(self, name: str) -> Any:
        try:
            yield
        finally:
            self._busy.discard(name)

    def _refuse_if_busy(self, name: str) -> None:
        if name in self._busy:
            raise ApiError("ABORTED", "unable to queue the operation")

    def _refuse_taken_service(self, name: str) -> None:
        service = service_of(name)
        if front.of(self._cloud).records.service(service):
            raise ApiError(
                "ALREADY_EXISTS",
                f"Could not create Cloud Run service {service.rpartition('/')[2]}. A Cloud Run "
                "service with this name already exists. Please redeploy the function with a "
                "different name.",
            )

    def _check(self, request: Request, function: Mapping[str, Json]) -> None:
        check(function)
        account = (function.get("serviceConfig") or {}).get("serviceAccountEmail")
        if account:
            project = request.path_params["project"]
            resource = f"projects/{project}/serviceAccounts/{account}"
            self._allow(request, "iam.serviceAccounts.actAs", resource)

    async def _set_policy(self, request: Request) -> Json:
        """Invoking is a right on the Cloud Run service, not on the function."""
        name, given = name_of(request), await body(request)
        self._allow(request, "cloudfunctions.functions.setIamPolicy", name)
        policy = given.get("policy") or {}
        for binding in policy.get("bindings", ()):
            if str(binding.get("role", "")).startswith("roles/run."):
                raise invalid(f"Role {binding['role']} is not supported for this resource.")
        return self._cloud.access.set_policy(name, policy)

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)

    def _put(self, function: dict[str, Json]) -> None:
        self._cloud.store.put(FUNCTION, function["name"], function)


def parent_of(request: Request) -> str:
    return f"projects/{request.path_params['project']}/locations/{request.path_params['location']}"


def name_of(request: Request) -> str:
    return f"{parent_of(request)}/functions/{request.path_params['function']}"
