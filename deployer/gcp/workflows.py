"""Workflows: a pipeline's definition, and the label that vouches for all below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from deployer.errors import Conflict
from deployer.gcp.failures import Missing, told
from deployer.gcp.session import Session
from deployer.gcp.waiting import finish
from deployer.live import Live, Work
from deployer.naming import label
from deployer.resources import (
    BUNDLE_LABEL,
    HASH_LABEL,
    PIPELINE_LABEL,
    PROJECT_LABEL,
    SEAL_LABEL,
    Kind,
    Workflow,
    digest,
)
from deployer.target import Target

Json = Any
LABELS_ONLY = ("labels",)
ALL = ("labels", "description", "service_account", "source_contents")


class Workflows:
    """Keeper of workflows."""

    def __init__(self, target: Target, session: Session, owner: str) -> None:
        self.target = target
        self.session = session
        self.owner = owner
        self.root = f"{target.endpoints.workflows}/v1/{target.parent}/workflows"

    @cached_property
    def client(self) -> Any:
        from google.cloud import workflows_v1

        return workflows_v1.WorkflowsClient(
            transport="rest",
            credentials=self.target.credentials(),
            client_options={"api_endpoint": self.target.endpoints.workflows},
        )

    def list(self, owner: str, wanted: Sequence[Workflow]) -> Sequence[Live]:
        names = {workflow.name for workflow in wanted}
        query = {"pageSize": 1000}
        found = self.session.pages(self.root, "listing workflows", "workflows", query)
        return [live for live in map(live_of, found) if live.owner == owner or live.name in names]

    def seal(self, name: str) -> str:
        """What a deployed workflow vouches for; empty when there is none."""
        found = self.session.find(f"{self.root}/{name}", f"reading workflow {name}")
        return live_of(found).seal if found else ""

    def put(self, resource: Workflow, live: Live | None, work: Work) -> None:
        message = self.message(resource, work)
        if live is not None:
            same = live.digest == message["labels"][HASH_LABEL]
            self.update(resource, message, LABELS_ONLY if same else ALL)
            return
        try:
            self.create(resource, message)
        except Conflict as error:
            self.take_over(resource, message, error)

    def create(self, resource: Workflow, message: Json) -> None:
        doing = f"making workflow {resource.name}"
        with told(doing):
            operation = self.client.create_workflow(
                parent=self.target.parent,
                workflow=message,
                workflow_id=resource.name,
                **self.target.once,
            )
        self.wait(operation, doing)

    def update(self, resource: Workflow, message: Json, mask: Sequence[str]) -> None:
        doing = f"updating workflow {resource.name}"
        with told(doing):
            operation = self.client.update_workflow(
                workflow=message, update_mask={"paths": [*mask]}, **self.target.once
            )
        self.wait(operation, doing)

    def wait(self, operation: Any, doing: str) -> None:
        url = f"{self.target.endpoints.workflows}/v1/{operation.operation.name}"
        finish(self.session, url, doing, self.target.polling)

    def take_over(self, resource: Workflow, message: Json, error: Conflict) -> None:
        found = self.session.find(f"{self.root}/{resource.name}", "reading a workflow")
        if found is None:
            raise error
        if live_of(found).owner != self.owner:
            hint = "it was not made by blocklift for this project: rename the pipeline"
            raise Conflict(str(error), hint) from error
        self.update(resource, message, ALL)

    def message(self, resource: Workflow, work: Work) -> Json:
        return {
            "name": self.target.workflow(resource.name),
            "description": resource.description,
            "labels": {
                PROJECT_LABEL: self.owner,
                PIPELINE_LABEL: label(resource.pipeline),
                HASH_LABEL: digest(resource, work.known),
                BUNDLE_LABEL: resource.fields()["source"],
                SEAL_LABEL: work.seal,
            },
            "service_account": resource.account,
            "source_contents": resource.source,
        }

    def drop(self, live: Live) -> None:
        """Also ends its running executions (Workflows: delete)."""
        doing = f"deleting workflow {live.name}"
        try:
            with told(doing):
                name = self.target.workflow(live.name)
                operation = self.client.delete_workflow(name=name, **self.target.once)
            self.wait(operation, doing)
        except Missing:
            return


def live_of(data: Mapping[str, Json]) -> Live:
    labels = data.get("labels") or {}
    name = str(data["name"]).rsplit("/", 1)[-1]
    return Live(
        Kind.WORKFLOW,
        name,
        name,
        owner=labels.get(PROJECT_LABEL, ""),
        pipeline=labels.get(PIPELINE_LABEL, ""),
        digest=labels.get(HASH_LABEL, ""),
        seal=labels.get(SEAL_LABEL, ""),
        ready=data.get("state", "ACTIVE") == "ACTIVE",
        fields={
            "source": labels.get(BUNDLE_LABEL),
            "account": str(data.get("serviceAccount", "")).rsplit("/", 1)[-1],
            "description": data.get("description", ""),
        },
    )
