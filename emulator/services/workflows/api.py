"""The methods of Workflows v1, for either wire."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from emulator.clock import rfc3339, unix
from emulator.cloud import Cloud, Principal
from emulator.drive.documents import account_of, default_account
from emulator.drive.engine import Engine
from emulator.drive.names import WorkflowName
from emulator.errors import already_exists, invalid
from emulator.rpc.filters import Field, compile_filter
from emulator.rpc.listing import ordered, page
from emulator.rpc.method import Request
from emulator.services.workflows import rules
from emulator.wire import apply_mask, camel

Json = Any
TYPES = "type.googleapis.com/google.cloud.workflows.v1"


class WorkflowsApi:
    """Deploys definitions; what they do is the engine's."""

    def __init__(self, cloud: Cloud, engine: Engine) -> None:
        self._cloud = cloud
        self._engine = engine
        self._definitions = engine.definitions
        self._operations = cloud.operations("workflows")

    # -- reading ---------------------------------------------------------------------------------

    async def list_workflows(self, caller: Principal, request: Request) -> Json:
        parent = self._parent(request)
        self._cloud.access.require(caller, "workflows.workflows.list", parent)
        wanted = compile_filter(request.get("filter") or "", FIELDS)
        found = [workflow for workflow in self._definitions.all_in(parent) if wanted(workflow)]
        found = ordered(found, request.get("orderBy") or "", FIELDS)
        return page(request, found, "workflows", default=500, most=1000)

    async def get(self, caller: Principal, request: Request) -> Json:
        name = self._name(request["name"])
        self._cloud.access.require(caller, "workflows.workflows.get", str(name))
        if revision := request.get("revisionId"):
            return self._definitions.revision(name, revision)
        return self._definitions.latest(name)

    async def list_revisions(self, caller: Principal, request: Request) -> Json:
        name = self._name(request["name"])
        self._cloud.access.require(caller, "workflows.workflows.listRevision", str(name))
        self._definitions.latest(name)
        revisions = self._definitions.revisions(name)
        return page(request, revisions, "workflows", default=20, most=100)

    async def get_location(self, caller: Principal, request: Request) -> Json:
        project, _, location = request["name"].removeprefix("projects/").partition("/locations/")
        name = f"projects/{self._cloud.projects.id_of(project)}/locations/{location}"
        return {"name": name, "locationId": location}

    # -- changing --------------------------------------------------------------------------------

    async def create(self, caller: Principal, request: Request) -> Json:
        parent = self._parent(request)
        self._cloud.access.require(caller, "workflows.workflows.create", parent)
        workflow_id = rules.workflow_id(request.get("workflowId") or "")
        name = self._name(f"{parent}/workflows/{workflow_id}")
        if self._definitions.has(name):
            raise already_exists(str(name))
        now = rfc3339(self._cloud.clock.now())
        workflow = {"name": str(name), "state": "ACTIVE", "createTime": now, "updateTime": now}
        workflow |= rules.with_names(request.get("workflow") or {})
        self._complete(caller, name, workflow, None)
        return self._save(name, workflow, "create")

    async def update(self, caller: Principal, request: Request) -> Json:
        given = request.get("workflow") or {}
        name = self._name(given.get("name", ""))
        self._cloud.access.require(caller, "workflows.workflows.update", str(name))
        before = self._definitions.latest(name)
        workflow = dict(before)
        paths = mask(request.get("updateMask") or "", given)
        apply_mask(workflow, rules.with_names(given), paths)
        workflow["updateTime"] = rfc3339(self._cloud.clock.now())
        self._complete(caller, name, workflow, before)
        return self._save(name, workflow, "update")

    async def delete(self, caller: Principal, request: Request) -> Json:
        name = self._name(request["name"])
        self._cloud.access.require(caller, "workflows.workflows.delete", str(name))
        self._definitions.latest(name)
        self._engine.remove_all(name)
        self._definitions.remove(name)
        empty = {"@type": "type.googleapis.com/google.protobuf.Empty"}
        return self._operations.done(name.parent, self._metadata(name, "delete"), empty)

    def _complete(
        self,
        caller: Principal,
        name: WorkflowName,
        workflow: dict[str, Json],
        before: Mapping[str, Json] | None,
    ) -> None:
        """Check what was given, and add what Google adds."""
        rules.check(workflow)
        account = account_of(name, workflow) or default_account(name.project)
        workflow["serviceAccount"] = f"projects/{name.project}/serviceAccounts/{account}"
        actor = "iam.serviceAccounts.actAs"
        self._cloud.access.require(caller, actor, workflow["serviceAccount"])
        if before and all(workflow.get(f) == before.get(f) for f in rules.REVISED_BY):
            return
        rules.check_source(workflow["sourceContents"], self._definitions.parse)
        ordinal = int(before["revisionId"].partition("-")[0]) + 1 if before else 1
        workflow["revisionId"] = f"{ordinal:06}-{secrets.token_hex(2)[:3]}"
        workflow["revisionCreateTime"] = workflow["updateTime"]

    def _save(self, name: WorkflowName, workflow: dict[str, Json], verb: str) -> Json:
        self._definitions.save(name, workflow)
        response = {"@type": f"{TYPES}.Workflow", **workflow}
        return self._operations.done(name.parent, self._metadata(name, verb), response)

    def _metadata(self, name: WorkflowName, verb: str) -> dict[str, Json]:
        now = rfc3339(self._cloud.clock.now())
        return {
            "@type": f"{TYPES}.OperationMetadata",
            "createTime": now,
            "endTime": now,
            "target": str(name),
            "verb": verb,
            "apiVersion": "v1",
        }

    # -- names -----------------------------------------------------------------------------------

    def _name(self, text: str) -> WorkflowName:
        return WorkflowName.parse(text, self._cloud.projects)

    def _parent(self, request: Request) -> str:
        return self._name(f"{request['parent']}/workflows/any").parent


def mask(text: str, given: Mapping[str, Json]) -> list[str]:
    """Paths of an update mask; without one, every settable field of the body."""
    paths = [camel(path.strip()) for path in text.split(",") if path.strip()]
    if not paths or paths == ["*"]:
        return [field for field in rules.SETTABLE if field in given]
    if wrong := [path for path in paths if path.partition(".")[0] not in rules.SETTABLE]:
        raise invalid(f"Invalid field mask: '{', '.join(wrong)}' cannot be updated.")
    return paths


def _text(field: str) -> Field:
    return lambda workflow: workflow.get(field, "")


def _time(field: str) -> Field:
    return lambda workflow: unix(workflow[field])


FIELDS: dict[str, Field] = {
    **{f: _time(f) for f in ("createTime", "updateTime", "revisionCreateTime")},
    **{f: _text(f) for f in ("name", "description", "state", "revisionId", "serviceAccount")},
    "labels": lambda workflow: workflow.get("labels", {}),
    "workflowId": lambda workflow: workflow["name"].rpartition("/")[2],
}
"""What lists can be filtered and ordered by."""
