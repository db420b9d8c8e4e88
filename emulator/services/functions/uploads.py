"""Where sources are put before a function is made of them, and fetched again.

Cloud Functions API v2, `functions.generateUploadUrl`: "Do not specify the Authorization
header; Content-Type must be application/zip".
"""

from __future__ import annotations

import secrets
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.cloud import Cloud, Json, project_number
from emulator.host.archive import MAX_PACKED

LIFETIME = 30 * 60
PATH = "/emulator/v1/functions/sources"
ZIP = "application/zip"


@dataclass(frozen=True, slots=True)
class Permit:
    """What one signed URL is good for."""

    method: str
    bucket: str
    name: str
    until: float


class Uploads:
    """Signed URLs and what is done with them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._permits: dict[str, Permit] = {}

    def routes(self) -> list[BaseRoute]:
        path = f"{PATH}/{{token}}"
        return [
            Route(path, self._put, methods=["PUT"]),
            Route(path, self._get, methods=["GET"]),
        ]

    def upload_url(self, project: str, location: str) -> dict[str, Json]:
        number = project_number(project)
        bucket = f"gcf-v2-uploads-{number}.{location}.cloudfunctions.appspot.com"
        name = f"{uuid.uuid4()}.zip"
        url = self._sign("PUT", bucket, name)
        return {"uploadUrl": url, "storageSource": {"bucket": bucket, "object": name}}

    def download_url(self, bucket: str, name: str) -> dict[str, Json]:
        return {"downloadUrl": self._sign("GET", bucket, name)}

    def _sign(self, method: str, bucket: str, name: str) -> str:
        now = self._cloud.clock.now()
        self._permits = {t: one for t, one in self._permits.items() if one.until > now}
        token = secrets.token_urlsafe(32)
        self._permits[token] = Permit(method, bucket, name, now + LIFETIME)
        return f"{self._cloud.settings.url}{PATH}/{token}"

    def _permit(self, request: Request) -> Permit | None:
        permit = self._permits.get(request.path_params["token"])
        if permit is None or permit.until <= self._cloud.clock.now():
            return None
        return permit if permit.method == request.method else None

    async def _put(self, request: Request) -> Response:
        permit = self._permit(request)
        content = request.headers.get("content-type", "")
        if permit is None or content != ZIP or "authorization" in request.headers:
            return refusal(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            )
        with tempfile.NamedTemporaryFile(
            dir=self._cloud.settings.data, prefix="upload-", delete=False
        ) as file:
            path = Path(file.name)
            try:
                size = 0
                async for part in request.stream():
                    size += len(part)
                    file.write(part)
                    if size > MAX_PACKED:
                        return refusal("EntityTooLarge", "Your proposed upload is too large.", 400)
                file.flush()
                self._cloud.objects.put_file(permit.bucket, permit.name, path, ZIP)
            finally:
                path.unlink(missing_ok=True)
        return Response()

    async def _get(self, request: Request) -> Response:
        permit = self._permit(request)
        if permit is None:
            return refusal("AccessDenied", "Access denied.")
        path = self._cloud.objects.path(permit.bucket, permit.name)
        return FileResponse(path, media_type=ZIP)


def refusal(code: str, message: str, status: int = 403) -> Response:
    """As Cloud Storage's XML API says no."""
    text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code>"
    body = f"{text}<Message>{message}</Message></Error>"
    return Response(body, status, media_type="application/xml; charset=UTF-8")
