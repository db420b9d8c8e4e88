"""A Function as the API takes and shows it: names, defaults and the rules that fields must meet.

Cloud Functions API v2, resource `projects.locations.functions`. Nothing here touches the
network, the store or the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.cloud import Json, project_number
from emulator.errors import ApiError
from emulator.host.records import Revision, SecretVariable, uri_of

RUNTIMES = tuple(f"python3{minor}" for minor in (10, 11, 12, 13, 14))
FUNCTION_ID = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = frozenset(
    ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "K_SERVICE", "K_REVISION", "PORT")
)
QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi|)")
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
CPU_OF_MEMORY = (
    (128, ".083"),
    (256, ".167"),
    (512, ".333"),
    (1024, ".583"),
    (2048, "1"),
    (8192, "2"),
    (16384, "4"),
    (32768, "8"),
)
"""Cloud Run functions: "Configure CPU": mebibytes at most → vCPUs when none are asked for."""
ENUMS = {
    "ingressSettings": ("", "ALLOW_ALL", "ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"),
    "vpcConnectorEgressSettings": ("", "PRIVATE_RANGES_ONLY", "ALL_TRAFFIC"),
    "securityLevel": ("", "SECURE_ALWAYS", "SECURE_OPTIONAL"),
    "dockerRegistry": ("", "CONTAINER_REGISTRY", "ARTIFACT_REGISTRY"),
}
SETTABLE = ("buildConfig", "serviceConfig", "labels", "description", "eventTrigger", "kmsKeyName")
INTEGERS = (
    "timeoutSeconds",
    "maxInstanceCount",
    "minInstanceCount",
    "maxInstanceRequestConcurrency",
)


def service_id(function_id: str) -> str:
    """Cloud Run's name for a function's service."""
    return function_id.lower().replace("_", "-")


def service_of(function: str) -> str:
    """Full name of the Cloud Run service behind a function's full name."""
    parent, _, short = function.rpartition("/functions/")
    return f"{parent}/services/{service_id(short)}"


def settable(given: Mapping[str, Json]) -> dict[str, Json]:
    """The fields that a caller decides, enums by name: clients send them as numbers."""
    kept = {field: given[field] for field in SETTABLE if field in given}
    for config in ("buildConfig", "serviceConfig"):
        if isinstance(kept.get(config), dict):
            kept[config] = {key: enum_of(key, value) for key, value in kept[config].items()}
    return kept


def enum_of(key: str, value: Json) -> Json:
    names = ENUMS.get(key)
    if names and isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    return value


def problems(function: Mapping[str, Json]) -> Iterator[str]:
    """Every rule that the fields break."""
    build, service = function.get("buildConfig") or {}, function.get("serviceConfig") or {}
    yield from build_problems(build)
    yield from service_problems(service)
    yield from label_problems(function.get("labels") or {})


def build_problems(build: Mapping[str, Json]) -> Iterator[str]:
    if build.get("runtime") not in RUNTIMES:
        yield (
            f"build_config.runtime: '{build.get('runtime', '')}' is not a runtime that is served "
            f"here ({', '.join(RUNTIMES)})"
        )
    if not build.get("entryPoint"):
        yield "build_config.entry_point: must be set"
    source = (build.get("source") or {}).get("storageSource") or {}
    if not source.get("bucket") or not source.get("object"):
        yield "build_config.source.storage_source: bucket and object must be set"


def service_problems(service: Mapping[str, Json]) -> Iterator[str]:
    if memory_of(service) is None:
        yield f"service_config.available_memory: '{service['availableMemory']}' is not a quantity"
    elif not 128 * 10**6 <= (memory_of(service) or 0) <= 32 << 30:
        yield "service_config.available_memory: must be between 128Mi and 32Gi"
    yield from number_problems(service)
    yield from variable_problems(service)


def number_problems(service: Mapping[str, Json]) -> Iterator[str]:
    numbers = {key: service.get(key) for key in INTEGERS}
    if wrong := [key for key, value in numbers.items() if not is_count(value)]:
        yield from (
            f"service_config.{key}: must be a number, not {numbers[key]!r}" for key in wrong
        )
        return
    if not 1 <= (numbers["timeoutSeconds"] or 60) <= 3600:
        yield "service_config.timeout_seconds: must be between 1 and 3600"
    concurrency = numbers["maxInstanceRequestConcurrency"] or 1
    if not 1 <= concurrency <= 1000:
        yield "service_config.max_instance_request_concurrency: must be between 1 and 1000"
    if concurrency > 1 and cpu_of(service) < 1:
        yield (
            "spec.template.spec.containers.resources.limits.cpu: Invalid value specified for "
            "cpu. Total cpu < 1 is not supported with concurrency > 1."
        )
    if (numbers["minInstanceCount"] or 0) > (numbers["maxInstanceCount"] or 100):
        yield "service_config.min_instance_count: must not be greater than max_instance_count"


def is_count(value: Json) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def variable_problems(service: Mapping[str, Json]) -> Iterator[str]:
    plain = service.get("environmentVariables") or {}
    secret = [one.get("key", "") for one in service.get("secretEnvironmentVariables") or ()]
    for name in (*plain, *secret):
        if name in RESERVED or name.startswith("X_GOOGLE_"):
            yield f"environment variable name {name} is reserved by the system"
        elif not VARIABLE.fullmatch(name):
            yield f"environment variable name '{name}' is not valid"
    for name in {name for name in secret if name in plain or secret.count(name) > 1}:
        yield f"environment variable {name} is set twice"
    if len(plain) + len(secret) > 1000:
        yield "a container may have no more than 1000 environment variables"
    for one in service.get("secretEnvironmentVariables") or ():
        if not one.get("secret") or not one.get("version"):
            yield f"secret environment variable {one.get('key')}: secret and version must be set"


def label_problems(labels: Mapping[str, Json]) -> Iterator[str]:
    if len(labels) > 64:
        yield "labels: there may be no more than 64"
    for key, value in labels.items():
        if not LABEL_KEY.fullmatch(key) or not LABEL_VALUE.fullmatch(str(value)):
            yield f"labels: '{key}': '{value}' has characters that a label may not have"


def id_problem(function_id: str) -> str | None:
    if 1 <= len(function_id) <= 63 and FUNCTION_ID.fullmatch(function_id):
        return None
    return (
        f"Invalid function ID '{function_id}': it must start with a letter, followed by up to 62 "
        "letters, numbers, hyphens or underscores, and must end with a letter or a number"
    )


def check(function: Mapping[str, Json]) -> None:
    if found := list(problems(function)):
        violations = [{"field": text.partition(":")[0], "description": text} for text in found]
        detail = {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": violations,
        }
        raise ApiError("INVALID_ARGUMENT", "\n".join(found), [detail])


def memory_of(service: Mapping[str, Json]) -> int | None:
    """Bytes; None when the text is no quantity."""
    match = QUANTITY.fullmatch(str(service.get("availableMemory") or "256M"))
    return int(float(match[1]) * UNITS[match[2]]) if match else None


def cpu_of(service: Mapping[str, Json]) -> float:
    text = str(service.get("availableCpu") or default_cpu(memory_of(service) or 0))
    try:
        return float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        return 1.0


def default_cpu(memory: int) -> str:
    return next((cpu for most, cpu in CPU_OF_MEMORY if memory <= most << 20), "8")


def with_defaults(name: str, function: Mapping[str, Json]) -> dict[str, Json]:
    """The function with every field that Google fills in by itself."""
    _, project, _, location, *_ = name.split("/")
    service = service_of(name)
    build = {
        "dockerRegistry": "ARTIFACT_REGISTRY",
        "automaticUpdatePolicy": {},
        "dockerRepository": f"projects/{project}/locations/{location}/repositories/gcf-artifacts",
        **(function.get("buildConfig") or {}),
    }
    given = function.get("serviceConfig") or {}
    account = f"{project_number(project)}-compute@developer.gserviceaccount.com"
    config = {
        "availableMemory": "256M",
        "timeoutSeconds": 60,
        "maxInstanceCount": 100,
        "maxInstanceRequestConcurrency": 1,
        "ingressSettings": "ALLOW_ALL",
        "serviceAccountEmail": account,
        **{key: value for key, value in given.items() if value not in (None, "", 0)},
        "allTrafficOnLatestRevision": given.get("allTrafficOnLatestRevision", True),
        "service": service,
        "uri": uri_of(service),
    }
    config.setdefault("availableCpu", default_cpu(memory_of(config) or 0))
    short = name.rpartition("/")[2]
    return {
        **function,
        "name": name,
        "buildConfig": build,
        "serviceConfig": config,
        "environment": "GEN_2",
        "url": f"https://{location}-{project}.cloudfunctions.net/{short}",
    }


def revision_of(function: Mapping[str, Json], number: int, source: str, file: str) -> Revision:
    """What the host runs for this function."""
    build, config = function["buildConfig"], function["serviceConfig"]
    short = config["service"].rpartition("/")[2]
    return Revision(
        name=f"{short}-{number:05}-{suffix_of(source, number)}",
        service=config["service"],
        source=source,
        file=file,
        target=build["entryPoint"],
        account=config["serviceAccountEmail"],
        signature="cloudevent" if function.get("eventTrigger") else "http",
        build_variables=build.get("environmentVariables") or {},
        variables=config.get("environmentVariables") or {},
        secrets=tuple(secrets_of(function)),
        concurrency=config["maxInstanceRequestConcurrency"],
        min_instances=config.get("minInstanceCount", 0),
        max_instances=config["maxInstanceCount"],
        timeout=float(config["timeoutSeconds"]),
        memory=memory_of(config) or 0,
        ingress=config["ingressSettings"],
    )


def secrets_of(function: Mapping[str, Any]) -> Iterator[SecretVariable]:
    project = function["name"].split("/")[1]
    for one in function["serviceConfig"].get("secretEnvironmentVariables") or ():
        yield SecretVariable(
            one["key"], one.get("projectId") or project, one["secret"], one["version"]
        )


def suffix_of(source: str, number: int) -> str:
    """Three letters as Cloud Run appends them; here they follow from the content."""
    seed = int(source[:12], 16) + number
    return "".join(chr(97 + seed // 26**place % 26) for place in range(3))
