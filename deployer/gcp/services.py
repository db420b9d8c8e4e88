"""Cloud Run services of our own, on an image that many of them share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deployer.errors import CloudError, Conflict
from deployer.gcp.failures import Missing
from deployer.gcp.functions import CODE
from deployer.gcp.images import Images
from deployer.gcp.reasons import Reasons
from deployer.gcp.session import Session
from deployer.gcp.traffic import LATEST, Traffic
from deployer.gcp.waiting import finish
from deployer.live import Live, Work
from deployer.naming import label
from deployer.packaging.archive import folder, source
from deployer.packaging.choice import SHARED_IMAGE
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
PACKAGING_LABEL = "blocklift-packaging"
TITLE, RUNTIME = "blocklift/title", "blocklift/runtime"
"""Annotations."""
TARGET, SOURCE, WHICH = "FUNCTION_TARGET", "FUNCTION_SOURCE", "BLOCKLIFT_BUNDLE"
INGRESS = {
    "ALLOW_ALL": "INGRESS_TRAFFIC_ALL",
    "ALLOW_INTERNAL_ONLY": "INGRESS_TRAFFIC_INTERNAL_ONLY",
}
WORDS = {google: ours for ours, google in INGRESS.items()}


class Services:
    """Keeper of functions that are services on a shared image."""

    def __init__(
        self, target: Target, session: Session, owner: str, images: Images, reasons: Reasons
    ) -> None:
        self.target = target
        self.session = session
        self.owner = owner
        self.images = images
        self.reasons = reasons
        self.api = f"{target.endpoints.run}/v2"
        self.root = f"{self.api}/{target.parent}/services"
        self.traffic = Traffic(target, session)

    def list(self, owner: str, wanted: Sequence[Function]) -> Sequence[Live]:
        """Ours; a service that a function made is told of by that API."""
        found = self.session.pages(self.root, "listing services", "services", {"pageSize": 1000})
        lives = [live_of(data) for data in found if PACKAGING_LABEL in (data.get("labels") or {})]
        names = {function.name for function in wanted}
        return [live for live in lives if live.owner == owner or live.name in names]

    def expect(self, changes: Sequence[tuple[Function, Live | None]]) -> None:
        self.images.expect([function for function, live in changes if needs_build(function, live)])

    def prepare(self, resource: Function, work: Work) -> None:
        """Before anything that serves is taken away."""
        self.images.of(resource, work)

    def put(self, resource: Function, live: Live | None, work: Work) -> None:
        if live is not None and resource.revision and self.traffic.goes_to(resource, live):
            return
        build = live is None or needs_build(resource, live)
        image = self.images.of(resource, work) if build else self.image(resource)
        message = self.message(resource, work, image)
        if live is not None:
            self.change("PATCH", resource, message)
            return
        try:
            self.change("POST", resource, message)
        except Conflict as error:
            self.take_over(resource, message, error)

    def image(self, resource: Function) -> str:
        """That it has: its code is the same."""
        found = self.session.get(f"{self.root}/{resource.name}", f"reading {resource.name}")
        return str(found["template"]["containers"][0]["image"])

    def change(self, method: str, resource: Function, message: Json) -> None:
        doing = f"{'making' if method == 'POST' else 'updating'} service {resource.name}"
        making = method == "POST"
        url = self.root if making else f"{self.root}/{resource.name}"
        query = {"serviceId": resource.name} if making else None
        operation = self.session.call(method, url, doing, message, query)
        self.wait(operation, doing)

    def wait(self, operation: Json, doing: str) -> None:
        try:
            finish(self.session, f"{self.api}/{operation['name']}", doing, self.target.polling)
        except CloudError as error:
            raise self.reasons.of(error, doing, "") from error

    def take_over(self, resource: Function, message: Json, error: Conflict) -> None:
        """It is there: our own call whose answer was lost, or a stranger's service."""
        found = self.session.find(f"{self.root}/{resource.name}", "reading a service")
        if found is None:
            raise error
        if live_of(found).owner != self.owner:
            hint = "it was not made by blocklift for this project: rename the pipeline"
            raise Conflict(str(error), hint) from error
        self.change("PATCH", resource, message)

    def drop(self, live: Live) -> None:
        doing = f"deleting service {live.name}"
        try:
            self.wait(self.session.call("DELETE", f"{self.root}/{live.name}", doing), doing)
        except Missing:
            return

    def message(self, resource: Function, work: Work, image: str) -> Json:
        fields = resolved(resource.fields(), work.known)
        scaling = {
            "minInstanceCount": fields["instances.min"],
            "maxInstanceCount": fields["instances.max"],
        }
        return {
            "name": f"{self.target.parent}/services/{resource.name}",
            "labels": {
                PROJECT_LABEL: self.owner,
                PIPELINE_LABEL: label(resource.pipeline),
                HASH_LABEL: digest(resource, work.known),
                BUNDLE_LABEL: fields["bundle"],
                PACKAGING_LABEL: resource.packaging,
            },
            "annotations": {TITLE: resource.title, RUNTIME: fields["runtime"]},
            "ingress": INGRESS[fields["ingress"]],
            "template": {
                "scaling": scaling,
                "timeout": f"{fields['timeout']}s",
                "serviceAccount": fields["account"],
                "maxInstanceRequestConcurrency": fields["concurrency"],
                "containers": [container(resource, fields, image, self.target.project_id)],
            },
            "traffic": [LATEST],
        }


def container(
    resource: Function, fields: Mapping[str, Json], image: str, project_id: str
) -> dict[str, Json]:
    plain = {
        TARGET: fields["entry_point"],
        SOURCE: source(resource.name),
        WHICH: folder(resource.name),
        "GOOGLE_CLOUD_PROJECT": project_id,
    }
    secrets = [
        {
            "name": env,
            "valueSource": {"secretKeyRef": {"secret": secret, "version": fields[f"secret.{env}"]}},
        }
        for env, secret in resource.secrets
    ]
    return {
        "image": image,
        "env": [*({"name": name, "value": value} for name, value in plain.items()), *secrets],
        "resources": {"limits": {"cpu": fields["cpu"], "memory": fields["memory"]}},
    }


def needs_build(function: Function, live: Live | None) -> bool:
    """What says so beside the code is the packaging: a function's build is no image of ours."""
    fields = function.fields()
    wanted = ("packaging", *CODE)
    return live is None or any(live.fields.get(name) != fields.get(name) for name in wanted)


def live_of(data: Mapping[str, Json]) -> Live:
    labels, notes = data.get("labels") or {}, data.get("annotations") or {}
    name = str(data["name"]).rpartition("/")[2]
    state = (data.get("terminalCondition") or {}).get("state", "CONDITION_SUCCEEDED")
    newest = str(data.get("latestReadyRevision", "")).rpartition("/")[2]
    return Live(
        Kind.FUNCTION,
        name,
        notes.get(TITLE) or name,
        owner=labels.get(PROJECT_LABEL, ""),
        pipeline=labels.get(PIPELINE_LABEL, ""),
        digest=labels.get(HASH_LABEL, ""),
        ready=state == "CONDITION_SUCCEEDED",
        broken=state == "CONDITION_FAILED" and not newest,
        revision=newest,
        pinned=next(
            (one["revision"] for one in data.get("traffic") or () if one.get("revision")), ""
        ),
        fields=fields_of(data, labels, notes),
    )


def fields_of(
    data: Mapping[str, Json], labels: Mapping[str, str], notes: Mapping[str, str]
) -> dict[str, Json]:
    """Of `Function.fields`, what the API tells back."""
    template = data.get("template") or {}
    scaling = template.get("scaling") or {}
    box: Mapping[str, Json] = next(iter(template.get("containers") or ()), {})
    env = {one["name"]: one for one in box.get("env") or ()}
    limits = (box.get("resources") or {}).get("limits") or {}
    references = {k: (v.get("valueSource") or {}).get("secretKeyRef") for k, v in env.items()}
    return {
        "packaging": labels.get(PACKAGING_LABEL, SHARED_IMAGE),
        "bundle": labels.get(BUNDLE_LABEL),
        "runtime": notes.get(RUNTIME),
        "entry_point": env.get(TARGET, {}).get("value"),
        "memory": limits.get("memory"),
        "cpu": limits.get("cpu"),
        "timeout": int(float(str(template.get("timeout", "0s")).removesuffix("s"))),
        "instances.min": scaling.get("minInstanceCount", 0),
        "instances.max": scaling.get("maxInstanceCount"),
        "concurrency": template.get("maxInstanceRequestConcurrency"),
        "account": template.get("serviceAccount"),
        "ingress": WORDS.get(str(data.get("ingress"))),
        **{f"secret.{name}": ref.get("version") for name, ref in references.items() if ref},
    }
