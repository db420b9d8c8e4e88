"""Cloud Run Admin API v2, `builds.submit`: an archive in a bucket becomes an image.

The image is the build that functions get, too (Google's buildpacks): its digest is that of the
archive, and what was built is started by whatever service names it. What answers for the work is
an operation of Cloud Build, whose API has the same root here.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json, project_number
from emulator.errors import ApiError, invalid
from emulator.host import front
from emulator.host.errors import BuildError
from emulator.simulate import Simulation
from emulator.wire import body, route

IMAGES = "image"
"""Store: digest → what was built."""
TAGGED = re.compile(r"(?P<name>[a-z0-9.-]+/[^@:]+)(?::(?P<tag>[\w.-]+))?")
TYPE = "type.googleapis.com/google.devtools.cloudbuild.v1"
PLACE = "/v2/projects/{project}/locations/{location}"


class Builds:
    """`projects.locations.builds`."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def routes(self) -> list[BaseRoute]:
        return [route("POST", f"{PLACE}/builds:submit", self._submit)]

    async def _submit(self, request: Request) -> Json:
        place, given = request.path_params, await body(request)
        parent = f"projects/{place['project']}/locations/{place['location']}"
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        self._cloud.access.require(caller, "run.builds.create", parent)
        check(given)
        told = self._begun(place["project"], given)
        path = self._source(given["storageSource"])
        variables = given["buildpackBuild"].get("environmentVariables") or {}

        async def work(metadata: dict[str, Json]) -> Json:
            return await self._build(metadata["build"], path, variables)

        metadata = {"@type": f"{TYPE}.BuildOperationMetadata", "build": told}
        operation = self._cloud.operations("cloudbuild").start(parent, metadata, work)
        base = given["buildpackBuild"].get("baseImage", "")
        return {"buildOperation": operation, **({"baseImageUri": base} if base else {})}

    def _source(self, source: Mapping[str, Json]) -> Any:
        try:
            return self._cloud.objects.path(source["bucket"], source["object"])
        except ApiError:
            text = f"storage_source: gs://{source['bucket']}/{source['object']} was not found"
            raise invalid(text) from None

    def _begun(self, project: str, given: Mapping[str, Json]) -> dict[str, Json]:
        number = str(uuid.uuid4())
        return {
            "id": number,
            "projectId": project,
            "status": "WORKING",
            "createTime": rfc3339(self._cloud.clock.now()),
            "images": [given["imageUri"]],
            "logUrl": f"https://console.cloud.google.com/cloud-build/builds/{number}"
            f"?project={project_number(project)}",
        }

    async def _build(
        self, build: dict[str, Json], path: Any, variables: Mapping[str, str]
    ) -> dict[str, Json]:
        simulation: Simulation | None = self._cloud.parts.get("simulation")
        if simulation:
            await simulation.build()
        try:
            built = await front.of(self._cloud).workshop.build(path, variables)
        except BuildError as error:
            build["status"] = "FAILURE"
            self._log(build, str(error))
            text = f"Build failed with status: FAILURE and message: {error}. For more details see "
            raise ApiError("INVALID_ARGUMENT", f"{text}the logs at {build['logUrl']}.") from None
        kept = {"file": built.file, "variables": dict(variables)}
        self._cloud.store.put(IMAGES, built.source, kept)
        build["status"] = "SUCCESS"
        image = {"name": build["images"][0], "digest": f"sha256:{built.source}"}
        return {"@type": f"{TYPE}.Build", **build, "results": {"images": [image]}}

    def _log(self, build: Mapping[str, Json], text: str) -> None:
        labels = {"project_id": build["projectId"], "build_id": build["id"]}
        for line in text.splitlines():
            self._cloud.logs.write(
                {
                    "logName": f"projects/{build['projectId']}/logs/cloudbuild",
                    "resource": {"type": "build", "labels": labels},
                    "severity": "ERROR",
                    "textPayload": line,
                }
            )


def check(given: Mapping[str, Json]) -> None:
    source = given.get("storageSource") or {}
    if not source.get("bucket") or not source.get("object"):
        raise invalid("storage_source: bucket and object must be set")
    if not TAGGED.fullmatch(str(given.get("imageUri", ""))):
        raise invalid("image_uri: must be the name of an image, such as HOST/PROJECT/REPOSITORY/X")
    if "buildpackBuild" not in given:
        text = "Here images are built by buildpacks only: set buildpack_build."
        raise ApiError("UNIMPLEMENTED", text)
