"""Cloud Run Admin API v2: the services behind functions, who may call them, their revisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.cloud import Cloud, Json, Service
from emulator.errors import not_found
from emulator.host import front
from emulator.host.records import Revision, uri_of
from emulator.iam import policy_routes
from emulator.services.revisions import Revisions, image_of, traffic_of
from emulator.services.runresource import INGRESS
from emulator.wire import page, route

ANY_PLACE = "/v2/projects/{project}/locations/{location}"
ONE = ANY_PLACE + "/services/{service}"
SHOWN = ("description", "annotations")
"""Of what the maker of a service writes, what is shown as it is."""
READY = {"type": "Ready", "state": "CONDITION_SUCCEEDED"}


def service(cloud: Cloud) -> Service:
    from emulator.services.runbuilds import Builds
    from emulator.services.runwrites import Writes

    revisions = Revisions(cloud)
    parts = (revisions, Services(cloud), Writes(cloud, revisions), Builds(cloud))
    return Service("run", [one for part in parts for one in part.routes()])


class Services:
    """Reading methods of `projects.locations.services`; its templates are the newest revision's."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def routes(self) -> list[BaseRoute]:
        return [
            *policy_routes(self._cloud, ONE, "run.services", name_of),
            route("GET", f"{ANY_PLACE}/services", self._list),
            route("GET", ONE, self._get),
        ]

    async def _get(self, request: Request) -> Json:
        name = name_of(request)
        self._allow(request, "run.services.get", name)
        records = front.of(self._cloud).records
        record = records.service(name)
        revision = records.revision(record["revision"]) if record else None
        if record is None or revision is None:
            raise not_found(name)
        return shown(record, revision)

    async def _list(self, request: Request) -> Json:
        parent = parent_of(request)
        self._allow(request, "run.services.list", parent)
        records = front.of(self._cloud).records
        found = [
            shown(record, revision)
            for record in records.services(parent.removesuffix("-") + ("" if wild(parent) else "/"))
            if (revision := records.revision(record["revision"]))
        ]
        return page(request, found, "services")

    def _allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, permission, resource)


def wild(parent: str) -> bool:
    return parent.endswith("/-")


def parent_of(request: Request) -> str:
    return f"projects/{request.path_params['project']}/locations/{request.path_params['location']}"


def name_of(request: Request) -> str:
    return f"{parent_of(request)}/services/{request.path_params['service']}"


def shown(record: Mapping[str, Any], revision: Revision) -> dict[str, Json]:
    """A `Service` as Cloud Run shows it; the values of its secrets are nowhere in it."""
    latest = record["revision"]
    return {
        "name": record["name"],
        "uid": record["uid"],
        "generation": str(record["generation"]),
        "observedGeneration": str(record["generation"]),
        "labels": record["labels"],
        "createTime": record["createTime"],
        "updateTime": record["updateTime"],
        "ingress": INGRESS[revision.ingress],
        **{field: record[field] for field in SHOWN if record.get(field)},
        "launchStage": "GA",
        "template": template_of(record, revision),
        "traffic": traffic_of(record),
        "trafficStatuses": traffic_of(record),
        "terminalCondition": READY,
        "latestReadyRevision": latest,
        "latestCreatedRevision": latest,
        "uri": uri_of(revision.service),
        "urls": [uri_of(revision.service)],
        "etag": f'"{record["generation"]}"',
    }


def template_of(record: Mapping[str, Any], revision: Revision) -> dict[str, Json]:
    secrets = [
        {
            "name": one.key,
            "valueSource": {"secretKeyRef": {"secret": one.secret, "version": one.version}},
        }
        for one in revision.secrets
    ]
    plain = [{"name": name, "value": value} for name, value in revision.variables.items()]
    return {
        "scaling": {
            "minInstanceCount": revision.min_instances,
            "maxInstanceCount": revision.max_instances,
        },
        "timeout": f"{revision.timeout:g}s",
        "serviceAccount": revision.account,
        "containers": [
            {
                "name": "worker",
                "image": record.get("image") or image_of(revision),
                "env": record.get("env", [*plain, *secrets]),
                "resources": {"limits": {"cpu": record["cpu"], "memory": record["memory"]}},
                "ports": [{"name": "http1", "containerPort": 8080}],
            }
        ],
        "maxInstanceRequestConcurrency": revision.concurrency,
    }
