"""Cloud Run jobs: blocks that take longer than a call may, on the image of their function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from deployer.errors import Conflict
from deployer.gcp.failures import Missing, told
from deployer.gcp.session import Session
from deployer.gcp.waiting import finish
from deployer.live import Live, Work
from deployer.naming import label
from deployer.packaging.archive import folder
from deployer.packaging.choice import SHARED_IMAGE
from deployer.resources import (
    BUNDLE_LABEL,
    HASH_LABEL,
    PIPELINE_LABEL,
    PROJECT_LABEL,
    Job,
    Kind,
    digest,
    resolved,
)
from deployer.target import Target

Json = Any
COMMAND = ("launcher",)
"""Of Google's buildpacks: sets the paths of what was built, then does what it is told."""
ARGUMENTS = ("python", "-m", "runtime.job")
TITLE, RUNTIME = "blocklift/title", "blocklift/runtime"
"""Annotations."""
WHICH = "BLOCKLIFT_BUNDLE"
PROJECT_VARIABLE = "GOOGLE_CLOUD_PROJECT"


class Jobs:
    """Keeper of Cloud Run jobs."""

    def __init__(self, target: Target, session: Session, owner: str) -> None:
        self.target = target
        self.session = session
        self.owner = owner
        self.parent = f"{target.endpoints.run}/v2/{target.parent}"
        self.root = f"{self.parent}/jobs"

    @cached_property
    def client(self) -> Any:
        from google.cloud import run_v2

        return run_v2.JobsClient(
            transport="rest",
            credentials=self.target.credentials(),
            client_options={"api_endpoint": self.target.endpoints.run},
        )

    def list(self, owner: str, wanted: Sequence[Job]) -> Sequence[Live]:
        names = {job.name for job in wanted}
        found = self.session.pages(self.root, "listing jobs", "jobs", {"pageSize": 1000})
        return [live for live in map(live_of, found) if live.owner == owner or live.name in names]

    def put(self, resource: Job, live: Live | None, work: Work) -> None:
        message = self.message(resource, work)
        if live is not None:
            self.update(resource, message)
            return
        try:
            self.create(resource, message)
        except Conflict as error:
            self.take_over(resource, message, error)

    def create(self, resource: Job, message: Json) -> None:
        doing = f"making job {resource.name}"
        with told(doing):
            operation = self.client.create_job(
                parent=self.target.parent, job=message, job_id=resource.name, **self.target.once
            )
        self.wait(operation, doing)

    def update(self, resource: Job, message: Json) -> None:
        doing = f"updating job {resource.name}"
        named = {**message, "name": f"{self.target.parent}/jobs/{resource.name}"}
        with told(doing):
            operation = self.client.update_job(job=named, **self.target.once)
        self.wait(operation, doing)

    def take_over(self, resource: Job, message: Json, error: Conflict) -> None:
        """It is there: our own call whose answer was lost, or a stranger's job."""
        found = self.session.find(f"{self.root}/{resource.name}", "reading a job")
        if found is None:
            raise error
        if live_of(found).owner != self.owner:
            hint = "it was not made by blocklift for this project: rename the pipeline"
            raise Conflict(str(error), hint) from error
        self.update(resource, message)

    def drop(self, live: Live) -> None:
        doing = f"deleting job {live.name}"
        try:
            with told(doing):
                name = f"{self.target.parent}/jobs/{live.name}"
                operation = self.client.delete_job(name=name, **self.target.once)
            self.wait(operation, doing)
        except Missing:
            return

    def wait(self, operation: Any, doing: str) -> None:
        url = f"{self.target.endpoints.run}/v2/{operation.operation.name}"
        finish(self.session, url, doing, self.target.polling)

    def image(self, resource: Job) -> str:
        """What the build of the block's function made; of an earlier one, while it is there."""
        service, revision = resource.function.name, resource.function.revision
        url, doing = f"{self.parent}/services/{service}", f"reading the service of {resource.name}"
        earlier = self.session.find(f"{url}/revisions/{revision}", doing) if revision else None
        template = earlier or self.session.get(url, doing)["template"]
        return str(template["containers"][0]["image"])

    def message(self, resource: Job, work: Work) -> Json:
        """A Job without its name. The workflow repeats what failed, so the job does not."""
        fields = resolved(resource.fields(), work.known)
        return {
            "labels": {
                PROJECT_LABEL: self.owner,
                PIPELINE_LABEL: label(resource.pipeline),
                HASH_LABEL: digest(resource, work.known),
                BUNDLE_LABEL: fields["bundle"],
            },
            "annotations": {TITLE: resource.title, RUNTIME: fields["runtime"]},
            "template": {
                "task_count": 1,
                "template": {
                    "containers": [self.container(resource, fields)],
                    "max_retries": 0,
                    "timeout": {"seconds": fields["timeout"]},
                    "service_account": fields["account"],
                },
            },
        }

    def container(self, resource: Job, fields: Mapping[str, Json]) -> Json:
        secrets = [
            {"name": env, "value_source": {"secret_key_ref": {"secret": secret, "version": number}}}
            for env, secret in resource.function.secrets
            if (number := fields[f"secret.{env}"])
        ]
        return {
            "image": self.image(resource),
            "command": list(COMMAND),
            "args": list(ARGUMENTS),
            "env": [*self.plain(resource), *secrets],
            "resources": {"limits": {"cpu": fields["cpu"], "memory": fields["memory"]}},
        }

    def plain(self, resource: Job) -> Iterator[dict[str, str]]:
        yield {"name": PROJECT_VARIABLE, "value": self.target.project_id}
        if resource.function.packaging == SHARED_IMAGE:
            yield {"name": WHICH, "value": folder(resource.function.name)}


def live_of(data: Mapping[str, Json]) -> Live:
    labels, notes = data.get("labels") or {}, data.get("annotations") or {}
    name = str(data["name"]).rsplit("/", 1)[-1]
    state = (data.get("terminalCondition") or {}).get("state", "CONDITION_SUCCEEDED")
    return Live(
        Kind.JOB,
        name,
        notes.get(TITLE) or name,
        owner=labels.get(PROJECT_LABEL, ""),
        pipeline=labels.get(PIPELINE_LABEL, ""),
        digest=labels.get(HASH_LABEL, ""),
        ready=state == "CONDITION_SUCCEEDED",
        fields={"bundle": labels.get(BUNDLE_LABEL), "runtime": notes.get(RUNTIME), **sizes(data)},
    )


def sizes(data: Mapping[str, Json]) -> dict[str, Json]:
    """Of `Job.fields`, what the API tells back."""
    task = (data.get("template") or {}).get("template") or {}
    container: Mapping[str, Json] = next(iter(task.get("containers") or ()), {})
    limits = (container.get("resources") or {}).get("limits") or {}
    sources = [(e["name"], e.get("valueSource") or {}) for e in container.get("env") or ()]
    shared = any(name == WHICH for name, _ in sources)
    return {
        **({"packaging": SHARED_IMAGE} if shared else {}),
        "memory": limits.get("memory"),
        "cpu": limits.get("cpu"),
        "timeout": int(float(str(task.get("timeout", "0s")).removesuffix("s"))),
        "account": task.get("serviceAccount"),
        **{
            f"secret.{name}": source["secretKeyRef"].get("version")
            for name, source in sources
            if source.get("secretKeyRef")
        },
    }
