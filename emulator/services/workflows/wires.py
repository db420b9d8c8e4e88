"""Workflows v1 on the REST port and the gRPC port."""

from __future__ import annotations

from typing import Any

from emulator.cloud import Cloud, Principal, Service
from emulator.drive.build import engine_of
from emulator.rpc import grpc, rest
from emulator.rpc.grpc import OPERATION, Rpc
from emulator.rpc.method import Method, Request
from emulator.services.workflows.api import WorkflowsApi

Json = Any
PARENT = "{parent=projects/*/locations/*}"
NAME = "{name=projects/*/locations/*/workflows/*}"
MESSAGES = "google.cloud.workflows_v1.types"


def service(cloud: Cloud) -> Service:
    api = WorkflowsApi(cloud, engine_of(cloud))
    return Service(
        "workflows", rest.routes(methods(api), cloud.identity), grpc=lambda: _grpc(cloud, api)
    )


def methods(api: WorkflowsApi) -> list[Method]:
    """As google/cloud/workflows/v1/workflows.proto has them."""
    update = "/v1/{workflow.name=projects/*/locations/*/workflows/*}"
    return [
        Method("ListWorkflows", "GET", f"/v1/{PARENT}/workflows", api.list_workflows),
        Method("CreateWorkflow", "POST", f"/v1/{PARENT}/workflows", api.create, body="workflow"),
        Method("ListWorkflowRevisions", "GET", f"/v1/{NAME}:listRevisions", api.list_revisions),
        Method("GetWorkflow", "GET", f"/v1/{NAME}", api.get),
        Method("UpdateWorkflow", "PATCH", update, api.update, body="workflow"),
        Method("DeleteWorkflow", "DELETE", f"/v1/{NAME}", api.delete),
        Method("GetLocation", "GET", "/v1/{name=projects/*/locations/*}", api.get_location),
    ]


def _grpc(cloud: Cloud, api: WorkflowsApi) -> list[Any]:
    workflow = f"{MESSAGES}.Workflow"

    async def operation(_: Principal, request: Request) -> Json:
        return cloud.operations("workflows").get(request["name"])

    rpcs = {
        "ListWorkflows": Rpc(
            api.list_workflows,
            f"{MESSAGES}.ListWorkflowsRequest",
            f"{MESSAGES}.ListWorkflowsResponse",
        ),
        "GetWorkflow": Rpc(api.get, f"{MESSAGES}.GetWorkflowRequest", workflow),
        "CreateWorkflow": Rpc(api.create, f"{MESSAGES}.CreateWorkflowRequest", OPERATION),
        "UpdateWorkflow": Rpc(api.update, f"{MESSAGES}.UpdateWorkflowRequest", OPERATION),
        "DeleteWorkflow": Rpc(api.delete, f"{MESSAGES}.DeleteWorkflowRequest", OPERATION),
        "ListWorkflowRevisions": Rpc(
            api.list_revisions,
            f"{MESSAGES}.ListWorkflowRevisionsRequest",
            f"{MESSAGES}.ListWorkflowRevisionsResponse",
        ),
    }
    messages = "google.longrunning.operations_pb2"
    operations = {"GetOperation": Rpc(operation, f"{messages}.GetOperationRequest", OPERATION)}
    return [
        grpc.handler("google.cloud.workflows.v1.Workflows", rpcs, cloud.identity),
        grpc.handler("google.longrunning.Operations", operations, cloud.identity),
    ]
