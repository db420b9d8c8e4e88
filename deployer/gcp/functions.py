"""Cloud Functions v2: upload a bundle, make or change its function, wait for its build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from deployer.errors import CloudError, Conflict
from deployer.gcp.failures import Missing, refusal, told
from deployer.gcp.logs import Logs
from deployer.gcp.reasons import Reasons
from deployer.gcp.session import CONNECT, Session
from deployer.gcp.traffic import Traffic
from deployer.gcp.waiting import finish
from deployer.live import Live, Work
from deployer.naming import label
from deployer.resources import (
    BUNDLE_LABEL,
    HASH_LABEL,
    PIPELINE_LABEL,
    PROJECT_LABEL,
    Function,
    Kind,
    digest,
    resolved,
)
from deployer.target import Target

Json = Any
ELSEWHERE = "another revision"
CODE = ("bundle", "runtime", "entry_point")
"""Fields that need a new build; without one of them a change is a new revision only."""
SERVICE_MASK = (
    "labels",
    "description",
    "service_config.available_memory",
    "service_config.available_cpu",
    "service_config.timeout_seconds",
    "service_config.min_instance_count",
    "service_config.max_instance_count",
    "service_config.max_instance_request_concurrency",
    "service_config.service_account_email",
    "service_config.ingress_settings",
    "service_config.secret_environment_variables",
    "service_config.all_traffic_on_latest_revision",
)
BUILD_MASK = ("build_config",)


class Functions:
    """Keeper of functions."""

    def __init__(self, target: Target, session: Session, owner: str, logs: Logs) -> None:
        self.target = target
        self.session = session
        self.owner = owner
        self.reasons = Reasons(logs)
        self.root = f"{target.endpoints.functions}/v2/{target.parent}/functions"
        self.traffic = Traffic(target, session)

    @cached_property
    def client(self) -> Any:
        from google.cloud import functions_v2

        return functions_v2.FunctionServiceClient(
            transport="rest",
            credentials=self.target.credentials(),
            client_options={"api_endpoint": self.target.endpoints.functions},
        )

    def list(self, owner: str, wanted: Sequence[Function]) -> Sequence[Live]:
        names = {function.name for function in wanted}
        query = {"pageSize": 1000}
        found = self.session.pages(self.root, "listing functions", "functions", query)
        lives = [live for live in map(live_of, found) if live.owner == owner or live.name in names]
        return [self.served(live) if live.pinned else live for live in lives]

    def served(self, live: Live) -> Live:
        """Which revision that is, only the service below tells."""
        return replace(live, pinned=self.traffic.serving(live.name))

    def put(self, resource: Function, live: Live | None, work: Work) -> None:
        if live is not None and resource.revision and self.traffic.goes_to(resource, live):
            return
        fields = resolved(resource.fields(), work.known)
        rebuild = live is None or any(live.fields.get(name) != fields[name] for name in CODE)
        message = self.message(resource, work, fields)
        if rebuild:
            message["build_config"] = self.build(resource, work)
        if live is not None:
            self.update(resource, message, work)
            return
        try:
            self.create(resource, message, work)
        except Conflict as error:
            self.take_over(resource, message, work, error)

    def create(self, resource: Function, message: Json, work: Work) -> None:
        doing = f"making function {resource.name}"
        with told(doing):
            operation = self.client.create_function(
                parent=self.target.parent,
                function=message,
                function_id=resource.name,
                **self.target.once,
            )
        self.wait(operation, doing, work)

    def update(self, resource: Function, message: Json, work: Work) -> None:
        doing = f"updating function {resource.name}"
        mask = [*SERVICE_MASK, *(BUILD_MASK if "build_config" in message else ())]
        with told(doing):
            operation = self.client.update_function(
                function=message, update_mask={"paths": mask}, **self.target.once
            )
        self.wait(operation, doing, work)

    def take_over(self, resource: Function, message: Json, work: Work, error: Conflict) -> None:
        """It is there: our own call whose answer was lost, or a stranger's function."""
        found = self.session.find(f"{self.root}/{resource.name}", "reading a function")
        if found is None:
            raise error
        if live_of(found).owner != self.owner:
            hint = "it was not made by blocklift for this project: rename the pipeline"
            raise Conflict(str(error), hint) from error
        self.update(resource, message, work)

    def wait(self, operation: Any, doing: str, work: Work) -> None:
        """Until it is built and serves, naming the stage that it is in."""
        url = self.operation_url(operation)
        last: Mapping[str, Json] = {}

        def report(data: Mapping[str, Json]) -> None:
            nonlocal last
            last = data
            work.report(stage(data))

        try:
            finish(self.session, url, doing, self.target.polling, report)
        except CloudError as error:
            raise self.reasons.of(error, doing, str(last.get("buildName", ""))) from error

    def operation_url(self, operation: Any) -> str:
        return f"{self.target.endpoints.functions}/v2/{operation.operation.name}"

    def message(self, resource: Function, work: Work, fields: Mapping[str, Json]) -> Json:
        """A Function without its code: labels and how it is served."""
        return {
            "name": f"{self.target.parent}/functions/{resource.name}",
            "description": f"{resource.title} of {self.owner}",
            "labels": {
                PROJECT_LABEL: self.owner,
                PIPELINE_LABEL: label(resource.pipeline),
                HASH_LABEL: digest(resource, work.known),
                BUNDLE_LABEL: fields["bundle"],
            },
            "service_config": service_config(resource, fields, self.target.project_id),
        }

    def build(self, resource: Function, work: Work) -> Json:
        """Where the uploaded bundle is and how it becomes an image."""
        work.report("uploading")
        config: dict[str, Json] = {
            "runtime": resource.options.python,
            "entry_point": resource.bundle.entry_point,
            "source": {"storage_source": self.upload(resource)},
        }
        if self.target.build_account:
            account = self.target.build_account
            config["service_account"] = (
                f"projects/{self.target.project_id}/serviceAccounts/{account}"
            )
        return config

    def upload(self, resource: Function) -> Json:
        doing = f"uploading the bundle of {resource.name}"
        with told(doing):
            place = self.client.generate_upload_url(
                request={"parent": self.target.parent}, **self.target.once
            )
            answer = put_unsigned(
                place.upload_url, resource.bundle.zip_bytes(), 5 * self.target.deadline
            )
        if answer.status_code >= 400:
            raise refusal(answer.status_code, answer.text[:500], doing)
        return place.storage_source

    def drop(self, live: Live) -> None:
        doing = f"deleting function {live.name}"
        try:
            with told(doing):
                name = f"{self.target.parent}/functions/{live.name}"
                operation = self.client.delete_function(name=name, **self.target.once)
            url = self.operation_url(operation)
            finish(self.session, url, doing, self.target.polling)
        except Missing:
            return


def put_unsigned(url: str, data: bytes, longest: float) -> Any:
    """The URL is the permission: a token beside it is refused (Functions: generateUploadUrl)."""
    import requests

    return requests.put(
        url, data=data, headers={"content-type": "application/zip"}, timeout=(CONNECT, longest)
    )


def service_config(resource: Function, fields: Mapping[str, Json], project_id: str) -> Json:
    return {
        "available_memory": fields["memory"],
        "available_cpu": fields["cpu"],
        "timeout_seconds": fields["timeout"],
        "min_instance_count": fields["instances.min"],
        "max_instance_count": fields["instances.max"],
        "max_instance_request_concurrency": fields["concurrency"],
        "service_account_email": fields["account"],
        "ingress_settings": fields["ingress"],
        "all_traffic_on_latest_revision": True,
        "secret_environment_variables": [
            {
                "key": env,
                "project_id": project_id,
                "secret": secret,
                "version": fields[f"secret.{env}"],
            }
            for env, secret in resource.secrets
        ],
    }


def stage(metadata: Mapping[str, Json]) -> str:
    """The stage that a build is in, in the API's words."""
    for item in metadata.get("stages") or ():
        if item.get("state") == "IN_PROGRESS":
            return f"{str(item.get('name', '')).lower()}: {item.get('message', '')}".rstrip(": ")
    return "waiting"


def live_of(data: Mapping[str, Json]) -> Live:
    labels = data.get("labels") or {}
    name = str(data["name"]).rsplit("/", 1)[-1]
    state = data.get("state", "ACTIVE")
    service = data.get("serviceConfig") or {}
    return Live(
        Kind.FUNCTION,
        name,
        title_of(data) or name,
        owner=labels.get(PROJECT_LABEL, ""),
        pipeline=labels.get(PIPELINE_LABEL, ""),
        digest=labels.get(HASH_LABEL, ""),
        ready=state == "ACTIVE",
        broken=state == "FAILED" and not service.get("revision"),
        revision=short_revision(data),
        pinned=ELSEWHERE if service.get("allTrafficOnLatestRevision") is False else "",
        fields=fields_of(data, labels),
    )


def short_revision(data: Mapping[str, Json]) -> str:
    service = data.get("serviceConfig") or {}
    return str(service.get("revision", "")).rpartition("/")[2]


def title_of(data: Mapping[str, Json]) -> str:
    return str(data.get("description", "")).rpartition(" of ")[0]


def fields_of(data: Mapping[str, Json], labels: Mapping[str, str]) -> dict[str, Json]:
    """Of `Function.fields`, what the API tells back."""
    build, service = data.get("buildConfig") or {}, data.get("serviceConfig") or {}
    secrets = service.get("secretEnvironmentVariables") or ()
    return {
        "bundle": labels.get(BUNDLE_LABEL),
        "runtime": build.get("runtime"),
        "entry_point": build.get("entryPoint"),
        "memory": service.get("availableMemory"),
        "cpu": service.get("availableCpu"),
        "timeout": service.get("timeoutSeconds"),
        "instances.min": service.get("minInstanceCount", 0),
        "instances.max": service.get("maxInstanceCount"),
        "concurrency": service.get("maxInstanceRequestConcurrency"),
        "account": service.get("serviceAccountEmail"),
        "ingress": service.get("ingressSettings"),
        **{f"secret.{s['key']}": s.get("version") for s in secrets},
    }
