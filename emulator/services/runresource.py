"""A Cloud Run service as its caller writes it: rules, defaults, and the revision that it asks for.

What is served here are images that were built here (`builds.submit`, or a function's own), with
functions-framework in front: FUNCTION_TARGET and FUNCTION_SOURCE say what of an image answers
(Google's buildpacks: launch environment). Nothing here touches the network or the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.cloud import Json, project_number
from emulator.errors import ApiError
from emulator.host.records import Revision, SecretVariable
from emulator.services.runjobs.resource import SECRET, memory_of, plain_of

SERVICE_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?")
IMAGE = re.compile(r"[a-z0-9.-]+/[^@]+@sha256:(?P<digest>[0-9a-f]{64})")
INGRESS = {
    "ALLOW_ALL": "INGRESS_TRAFFIC_ALL",
    "ALLOW_INTERNAL_ONLY": "INGRESS_TRAFFIC_INTERNAL_ONLY",
    "ALLOW_INTERNAL_AND_GCLB": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
}
WORDS = {google: ours for ours, google in INGRESS.items()}
NUMBERS = ("INGRESS_TRAFFIC_UNSPECIFIED", *INGRESS.values())
"""Clients may send an enum as its number."""
SETTABLE = ("description", "labels", "annotations", "ingress", "launchStage", "template", "traffic")
OF_FUNCTIONS = frozenset(("FUNCTION_TARGET", "FUNCTION_SOURCE", "FUNCTION_SIGNATURE_TYPE"))
MOST_TIMEOUT = 3600


def settable(given: Mapping[str, Json]) -> dict[str, Json]:
    return {field: given[field] for field in SETTABLE if field in given}


def container_of(service: Mapping[str, Json]) -> dict[str, Json]:
    """Its one container, with the sizes that Cloud Run gives if none are asked for."""
    found = (service.get("template") or {}).get("containers") or [{}]
    resources = found[0].get("resources") or {}
    limits = {"cpu": "1000m", "memory": "512Mi", **(resources.get("limits") or {})}
    return {**found[0], "resources": {**resources, "limits": limits}}


def ingress_of(service: Mapping[str, Json]) -> str:
    written = service.get("ingress") or NUMBERS[1]
    return NUMBERS[written] if isinstance(written, int) else str(written)


def check(short: str, service: Mapping[str, Json]) -> None:
    if found := list(problems(short, service)):
        violations = [{"field": text.partition(":")[0], "description": text} for text in found]
        kind = "type.googleapis.com/google.rpc.BadRequest"
        detail = {"@type": kind, "fieldViolations": violations}
        raise ApiError("INVALID_ARGUMENT", "\n".join(found), [detail])


def problems(short: str, service: Mapping[str, Json]) -> Iterator[str]:
    if not SERVICE_ID.fullmatch(short):
        yield (
            f"service_id: '{short}' must have less than 50 lower-case letters, digits and hyphens, "
            "begin with a letter and not end with a hyphen"
        )
    template = service.get("template") or {}
    if len(template.get("containers") or ()) != 1:
        yield "template.containers: must be exactly one here"
        return
    container = container_of(service)
    if container.get("sourceCode"):
        yield "template.containers[0].source_code: is not served by this emulator"
    elif not IMAGE.fullmatch(str(container.get("image", ""))):
        yield "template.containers[0].image: must name an image that was built here, by its digest"
    if memory_of(container) is None:
        yield "template.containers[0].resources.limits.memory: is not a quantity"
    if not 1 <= seconds_of(template) <= MOST_TIMEOUT:
        yield f"template.timeout: must be between 1 and {MOST_TIMEOUT} seconds"
    if ingress_of(service) not in WORDS:
        yield f"ingress: {service['ingress']} is not known"
    yield from wrong_secrets(container)


def wrong_secrets(container: Mapping[str, Json]) -> Iterator[str]:
    for number, one in enumerate(container.get("env") or ()):
        reference = (one.get("valueSource") or {}).get("secretKeyRef")
        if reference is not None and not SECRET.fullmatch(reference.get("secret", "")):
            yield f"template.containers[0].env[{number}]: is not a secret's name"


def seconds_of(template: Mapping[str, Json]) -> float:
    return float(str(template.get("timeout") or "300s").removesuffix("s"))


def revision_of(name: str, number: int, service: Mapping[str, Json], built: Json) -> Revision:
    """The `number`th of a service; `built` is what is known of its image."""
    project, template = name.split("/")[1], service["template"]
    container, scaling = container_of(service), template.get("scaling") or {}
    plain = plain_of(container)
    source = digest_of(container)
    account = f"{project_number(project)}-compute@developer.gserviceaccount.com"
    return Revision(
        name=f"{name.rpartition('/')[2]}-{number:05}-{source[:3]}",
        service=name,
        source=source,
        file=plain.get("FUNCTION_SOURCE") or built["file"],
        target=plain.get("FUNCTION_TARGET") or built.get("target", ""),
        account=template.get("serviceAccount") or account,
        signature=plain.get("FUNCTION_SIGNATURE_TYPE") or "http",
        build_variables=built.get("variables") or {},
        variables={key: value for key, value in plain.items() if key not in OF_FUNCTIONS},
        secrets=tuple(secrets_of(project, container)),
        concurrency=template.get("maxInstanceRequestConcurrency") or 80,
        min_instances=scaling.get("minInstanceCount", 0),
        max_instances=scaling.get("maxInstanceCount") or 100,
        timeout=seconds_of(template),
        memory=memory_of(container) or 0,
        ingress=WORDS[ingress_of(service)],
    )


def digest_of(container: Mapping[str, Json]) -> str:
    match = IMAGE.fullmatch(str(container["image"]))
    assert match is not None, container
    return match["digest"]


def secrets_of(project: str, container: Mapping[str, Any]) -> Iterator[SecretVariable]:
    for one in container.get("env") or ():
        if reference := (one.get("valueSource") or {}).get("secretKeyRef"):
            match = SECRET.fullmatch(reference["secret"])
            assert match is not None, reference
            version = reference.get("version") or "latest"
            yield SecretVariable(one["name"], match["project"] or project, match["secret"], version)
