"""Eventarc v1 on the REST port and the gRPC port."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request as HttpRequest

from emulator.cloud import Cloud, Service
from emulator.drive.build import hosts_of
from emulator.drive.network import Network
from emulator.drive.outside import Outside
from emulator.iam import policy_routes
from emulator.rpc import grpc, rest
from emulator.rpc.grpc import OPERATION, Rpc
from emulator.rpc.method import Method
from emulator.services.eventarc.api import EventarcApi
from emulator.services.eventarc.delivery import Delivery

PARENT = "{parent=projects/*/locations/*}"
NAME = "{name=projects/*/locations/*/triggers/*}"
MESSAGES = "google.cloud.eventarc_v1.types"
LARGEST_ANSWER = 1024 * 1024


def service(cloud: Cloud) -> Service:
    delivery = Delivery(cloud, Network(cloud, Outside(), hosts_of(cloud), LARGEST_ANSWER))
    api = EventarcApi(cloud, delivery)
    path = "/v1/projects/{project}/locations/{location}/triggers/{id}"
    return Service(
        "eventarc",
        [
            *policy_routes(cloud, path, "eventarc.triggers", _named),
            *rest.routes(methods(api), cloud.identity),
        ],
        delivery.start,
        delivery.stop,
        grpc=lambda: _grpc(cloud, api),
    )


def _named(request: HttpRequest) -> str:
    return request.url.path.removeprefix("/v1/").rpartition(":")[0]


def methods(api: EventarcApi) -> list[Method]:
    """As google/cloud/eventarc/v1/eventarc.proto has them."""
    update = "/v1/{trigger.name=projects/*/locations/*/triggers/*}"
    return [
        Method("ListProviders", "GET", f"/v1/{PARENT}/providers", api.list_providers),
        Method("ListTriggers", "GET", f"/v1/{PARENT}/triggers", api.list_triggers),
        Method("CreateTrigger", "POST", f"/v1/{PARENT}/triggers", api.create, body="trigger"),
        Method("GetTrigger", "GET", f"/v1/{NAME}", api.get),
        Method("UpdateTrigger", "PATCH", update, api.update, body="trigger"),
        Method("DeleteTrigger", "DELETE", f"/v1/{NAME}", api.delete),
    ]


_ANSWERS = {
    "ListProviders": f"{MESSAGES}.ListProvidersResponse",
    "ListTriggers": f"{MESSAGES}.ListTriggersResponse",
    "GetTrigger": f"{MESSAGES}.Trigger",
}


def _grpc(cloud: Cloud, api: EventarcApi) -> list[Any]:
    rpcs = {
        m.name: Rpc(m.handler, f"{MESSAGES}.{m.name}Request", _ANSWERS.get(m.name, OPERATION))
        for m in methods(api)
    }
    return [grpc.handler("google.cloud.eventarc.v1.Eventarc", rpcs, cloud.identity)]
