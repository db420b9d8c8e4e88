"""A Job as the API takes and shows it: defaults, overrides and the rules that fields must meet.

Cloud Run Admin API v2, resource `projects.locations.jobs`. Nothing here touches the network, the
store or the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from emulator.cloud import Json, project_number
from emulator.errors import ApiError
from emulator.host.records import SecretVariable

JOB_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = frozenset(
    f"CLOUD_RUN_{name}" for name in ("JOB", "EXECUTION", "TASK_INDEX", "TASK_ATTEMPT", "TASK_COUNT")
)
QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi|)")
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
SECRET = re.compile(r"(?:projects/(?P<project>[^/]+)/secrets/)?(?P<secret>[^/]+)")
MOST_TASKS = 10_000
MOST_RETRIES = 10
LONGEST = 7 * 24 * 3600
"""Seconds that a task may take (Cloud Run: "Task timeout"): 168 hours."""
SETTABLE = ("labels", "annotations", "client", "clientVersion", "launchStage", "template")
TOKENS = ("runExecutionToken", "startExecutionToken")


def settable(given: Mapping[str, Json]) -> dict[str, Json]:
    return {field: deepcopy(given[field]) for field in SETTABLE if given.get(field)}


def with_defaults(name: str, given: Mapping[str, Json]) -> dict[str, Json]:
    """What the caller decides, with all that Cloud Run fills in by itself."""
    project = name.split("/")[1]
    job = {"launchStage": "GA", **settable(given)}
    execution = job["template"] = {"taskCount": 1, **job.get("template", {})}
    task = execution["template"] = {
        "maxRetries": 3,
        "timeout": "600s",
        "serviceAccount": f"{project_number(project)}-compute@developer.gserviceaccount.com",
        "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
        **execution.get("template", {}),
    }
    task["containers"] = [container_with_defaults(one) for one in task.get("containers", ())]
    return {"name": name, **job}


def container_with_defaults(container: Mapping[str, Json]) -> dict[str, Json]:
    resources = container.get("resources") or {}
    limits = {"cpu": "1000m", "memory": "512Mi", **(resources.get("limits") or {})}
    return {**container, "resources": {**resources, "limits": limits}}


# -- rules ----------------------------------------------------------------------------------


def check(job: Mapping[str, Json]) -> None:
    refuse(list(problems(job)))


def refuse(found: list[str]) -> None:
    if not found:
        return
    violations = [{"field": text.partition(":")[0], "description": text} for text in found]
    kind = "type.googleapis.com/google.rpc.BadRequest"
    detail = {"@type": kind, "fieldViolations": violations}
    raise ApiError("INVALID_ARGUMENT", "\n".join(found), [detail])


def id_problem(job_id: str) -> str | None:
    if JOB_ID.fullmatch(job_id):
        return None
    return (
        f"job_id: '{job_id}' must contain only lower case letters, digits and hyphens, begin with "
        "a letter, not end with a hyphen, and be no longer than 63 characters"
    )


def problems(job: Mapping[str, Json]) -> Iterator[str]:
    """Every rule that the fields break; `job` has its defaults."""
    template = job["template"]
    task = template["template"]
    yield from count_problems(template, task)
    yield from timeout_problems("template.template.timeout", task.get("timeout"))
    containers = task.get("containers", ())
    if len(containers) != 1:
        yield f"template.template.containers: must be exactly one here, not {len(containers)}"
    for number, container in enumerate(containers):
        yield from container_problems(f"template.template.containers[{number}]", container)
    for unserved in ("volumes", "vpcAccess", "encryptionKey"):
        if task.get(unserved):
            yield f"template.template.{unserved}: is not served by this emulator"
    for token in TOKENS:
        if job.get(token):
            yield f"{token}: is not served by this emulator"


def count_problems(template: Mapping[str, Json], task: Mapping[str, Json]) -> Iterator[str]:
    if not 1 <= template["taskCount"] <= MOST_TASKS:
        yield f"template.task_count: must be between 1 and {MOST_TASKS}"
    if template.get("parallelism", 0) < 0:
        yield "template.parallelism: must not be negative"
    if not 0 <= task["maxRetries"] <= MOST_RETRIES:
        yield f"template.template.max_retries: must be between 0 and {MOST_RETRIES}"


def timeout_problems(field: str, timeout: Json) -> Iterator[str]:
    if timeout is not None and not 1 <= seconds(timeout) <= LONGEST:
        yield f"{field}: must be between 1 second and 168 hours"


def container_problems(field: str, container: Mapping[str, Json]) -> Iterator[str]:
    if not container.get("image"):
        yield f"{field}.image: must be set"
    if memory_of(container) is None:
        yield f"{field}.resources.limits.memory: is not a quantity"
    yield from variable_problems(f"{field}.env", container.get("env") or ())


def variable_problems(field: str, env: Any) -> Iterator[str]:
    seen: set[str] = set()
    for number, one in enumerate(env):
        name = one.get("name", "")
        if not VARIABLE.fullmatch(name):
            yield f"{field}[{number}].name: '{name}' is not valid"
        elif name in RESERVED:
            yield f"{field}[{number}].name: {name} is reserved by the system"
        elif name in seen:
            yield f"{field}[{number}].name: {name} is set twice"
        seen.add(name)
        reference = (one.get("valueSource") or {}).get("secretKeyRef")
        if reference is not None and not SECRET.fullmatch(reference.get("secret", "")):
            yield f"{field}[{number}].value_source.secret_key_ref.secret: is not a secret's name"


# -- reading --------------------------------------------------------------------------------


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


def memory_of(container: Mapping[str, Json]) -> int | None:
    """Bytes; None when the text is no quantity."""
    match = QUANTITY.fullmatch(str(container["resources"]["limits"]["memory"]))
    return int(float(match[1]) * UNITS[match[2]]) if match else None


def command_of(container: Mapping[str, Json]) -> list[str]:
    return [*(container.get("command") or ()), *(container.get("args") or ())]


def plain_of(container: Mapping[str, Json]) -> dict[str, str]:
    """Environment variables whose value is written there."""
    env = container.get("env") or ()
    return {one["name"]: one.get("value", "") for one in env if "valueSource" not in one}


def secrets_of(project: str, container: Mapping[str, Json]) -> tuple[SecretVariable, ...]:
    found = []
    for one in container.get("env") or ():
        if reference := (one.get("valueSource") or {}).get("secretKeyRef"):
            match = SECRET.fullmatch(reference["secret"])
            assert match is not None, reference
            version = reference.get("version") or "latest"
            owner = match["project"] or project
            found.append(SecretVariable(one["name"], owner, match["secret"], version))
    return tuple(found)


# -- overrides ------------------------------------------------------------------------------


def overridden(template: Mapping[str, Json], overrides: Mapping[str, Json]) -> dict[str, Json]:
    """The ExecutionTemplate of one execution (`jobs.run`, overrides)."""
    made = deepcopy(dict(template))
    if count := overrides.get("taskCount"):
        made["taskCount"] = count
    if timeout := overrides.get("timeout"):
        made["template"]["timeout"] = timeout
    for one in overrides.get("containerOverrides") or ():
        override_container(made["template"]["containers"], one)
    refuse(list(problems({"template": made})))
    return made


def override_container(containers: list[dict[str, Json]], one: Mapping[str, Json]) -> None:
    name = one.get("name")
    found = [c for c in containers if not name or c.get("name") == name]
    if not found:
        refuse([f"overrides.container_overrides.name: there is no container '{name}'"])
    container = found[0]
    if one.get("args"):
        container["args"] = one["args"]
    elif one.get("clearArgs"):
        container.pop("args", None)
    if given := one.get("env"):
        new = {variable.get("name", ""): variable for variable in given}
        kept = [old for old in container.get("env") or () if old["name"] not in new]
        container["env"] = [*kept, *given]
