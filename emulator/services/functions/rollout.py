"""From a function's fields to a revision that serves: build, check secrets, start, switch.

Whatever fails, the revision that served before goes on serving.
"""

from __future__ import annotations

import uuid
from typing import Any

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json, Principal, project_number
from emulator.errors import ApiError
from emulator.host import front
from emulator.host.errors import BuildError, StartError
from emulator.host.records import Revision
from emulator.services.functions.resource import revision_of

BUILDS = "function-build"
STAGES = ("ARTIFACT_REGISTRY", "BUILD", "SERVICE")
DONE = {"ARTIFACT_REGISTRY": "", "BUILD": "Build finished", "SERVICE": ""}
DOING = {"BUILD": "Build in progress", "SERVICE": "Updating Cloud Run service"}


class Stages:
    """The list `stages` of an operation's metadata, kept up to date while work goes on."""

    def __init__(self, metadata: dict[str, Json], names: tuple[str, ...]) -> None:
        self._stages = {name: {"name": name, "state": "NOT_STARTED"} for name in names}
        metadata["stages"] = list(self._stages.values())

    def begin(self, name: str, **more: str) -> None:
        self._set(name, state="IN_PROGRESS", message=DOING.get(name, ""), **more)

    def end(self, name: str) -> None:
        self._set(name, state="COMPLETE", message=DONE.get(name, ""))

    def fail(self, name: str, message: str) -> dict[str, Json]:
        """The state message that the function keeps."""
        told = {"severity": "ERROR", "type": f"{name.title()}Failed", "message": message}
        self._stages[name]["stateMessages"] = [told]  # type: ignore[assignment]  # a list here
        self._set(name, state="COMPLETE", message=message)
        return told

    def _set(self, name: str, **values: str) -> None:
        self._stages[name].update(values)


class Rollout:
    """Performs one create or update of one function."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._host = front.of(cloud)

    async def run(
        self, function: dict[str, Json], metadata: dict[str, Json], rebuild: bool
    ) -> dict[str, Json]:
        """The function as it is now; ApiError when it failed, and `function` says why."""
        kept = self._cloud.store.get(BUILDS, function["name"]) or {"number": 0}
        rebuild = rebuild or "source" not in kept
        stages = Stages(metadata, STAGES if rebuild else STAGES[2:])
        if rebuild:
            stages.end("ARTIFACT_REGISTRY")
            kept = await self._build(function, metadata, stages, kept["number"])
        revision = revision_of(function, kept["number"] + 1, kept["source"], kept["file"])
        await self._serve(function, revision, stages)
        kept = {**kept, "number": kept["number"] + 1}
        self._cloud.store.put(BUILDS, function["name"], kept)
        function["serviceConfig"]["revision"] = revision.name
        function["state"] = "ACTIVE"
        function.pop("stateMessages", None)
        return function

    async def _build(
        self, function: dict[str, Json], metadata: dict[str, Json], stages: Stages, number: int
    ) -> dict[str, Json]:
        _, project, _, location, *_ = function["name"].split("/")
        build = str(uuid.uuid4())
        config = function["buildConfig"]
        name = f"projects/{project_number(project)}/locations/{location}/builds/{build}"
        metadata["buildName"] = config["build"] = name
        place = (
            f"https://console.cloud.google.com/cloud-build/builds;region={location}/{build}"
            f"?project={project_number(project)}"
        )
        stages.begin("BUILD", resource=name, resourceUri=place)
        source = config["source"]["storageSource"]
        try:
            archive = self._cloud.objects.path(source["bucket"], source["object"])
            built = await self._host.workshop.build(
                archive, config.get("environmentVariables") or {}
            )
        except (BuildError, ApiError) as error:
            self._log(project, build, str(error))
            text = (
                f"Build failed with status: FAILURE and message: {error}. For more details see "
                f"the logs at {place}."
            )
            raise self._failed(function, stages, "BUILD", text) from None
        stages.end("BUILD")
        config["sourceProvenance"] = {"resolvedStorageSource": source}
        return {"number": number, "source": built.source, "file": built.file}

    def _log(self, project: str, build: str, text: str) -> None:
        for line in text.splitlines():
            self._cloud.logs.write(
                {
                    "logName": f"projects/{project}/logs/cloudbuild",
                    "resource": {
                        "type": "build",
                        "labels": {"project_id": project, "build_id": build},
                    },
                    "severity": "ERROR",
                    "textPayload": line,
                }
            )

    async def _serve(self, function: dict[str, Json], revision: Revision, stages: Stages) -> None:
        stages.begin("SERVICE", resource=revision.service)
        refused = f"Could not create or update Cloud Run service {revision.short}, "
        if problem := unreadable_secret(self._cloud, revision):
            raise self._failed(function, stages, "SERVICE", refused + problem)
        try:
            await self._host.deploy(revision, record_of(function, revision, self._before(revision)))
        except StartError:
            raise self._failed(function, stages, "SERVICE", refused + not_ready(revision)) from None
        stages.end("SERVICE")

    def _before(self, revision: Revision) -> dict[str, Any]:
        return self._host.records.service(revision.service) or {}

    def _failed(
        self, function: dict[str, Json], stages: Stages, stage: str, message: str
    ) -> ApiError:
        function["state"] = "FAILED"
        function["stateMessages"] = [stages.fail(stage, message)]
        return ApiError("INVALID_ARGUMENT", message)


def unreadable_secret(cloud: Cloud, revision: Revision) -> str | None:
    """Cloud Run checks at deployment that the revision's account may read each secret."""
    reader = Principal(revision.account)
    for number, one in enumerate(revision.secrets):
        try:
            cloud.secrets.value(one.project, one.secret, one.version, reader)
        except ApiError as error:
            name = f"projects/{project_number(cloud.projects.id_of(one.project))}"
            name += f"/secrets/{one.secret}/versions/{one.version}"
            return (
                f"spec.template.spec.containers[0].env[{number}].value_from.secret_key_ref"
                f".name: {why_unreadable(error, name, revision.account)}"
            )
    return None


def why_unreadable(error: ApiError, name: str, account: str) -> str:
    if error.status == "NOT_FOUND":
        return f"Secret {name} was not found"
    if error.status != "PERMISSION_DENIED":
        return error.message
    return (
        f"Permission denied on secret: {name} for Revision service account {account}. The service "
        "account used must be granted the 'Secret Manager Secret Accessor' role "
        "(roles/secretmanager.secretAccessor) at the secret, project or higher level."
    )


def not_ready(revision: Revision) -> str:
    return (
        f"Container Healthcheck failed. Revision '{revision.name}' is not ready and cannot serve "
        "traffic. The user-provided container failed to start and listen on the port defined "
        "provided by the PORT=8080 environment variable within the allocated timeout. This can "
        "happen when the container port is misconfigured or if the timeout is too short. The "
        "health check timeout can be extended. Logs for this revision might contain more "
        "information."
    )


def record_of(
    function: dict[str, Json], revision: Revision, before: dict[str, Any]
) -> dict[str, Any]:
    """What Cloud Run's own API shows of the service beside its revision."""
    return {
        "name": revision.service,
        "uid": before.get("uid") or str(uuid.uuid4()),
        "generation": before.get("generation", 0) + 1,
        "createTime": before.get("createTime") or function["updateTime"],
        "updateTime": function["updateTime"],
        "labels": {**(function.get("labels") or {}), "goog-managed-by": "cloudfunctions"},
        "memory": function["serviceConfig"]["availableMemory"],
        "cpu": function["serviceConfig"]["availableCpu"],
        "pinned": None if takes_over(function) else before.get("pinned"),
    }


def takes_over(function: dict[str, Json]) -> bool:
    """Whether a new revision gets all traffic, whatever was set in Cloud Run before."""
    return bool(function["serviceConfig"].get("allTrafficOnLatestRevision", True))


def now(cloud: Cloud) -> str:
    return rfc3339(cloud.clock.now())
