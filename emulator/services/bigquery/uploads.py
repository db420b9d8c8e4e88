"""Load jobs with their file in the request: multipart, or resumable in one or more pieces."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from emulator.bigquery.errors import invalid
from emulator.bigquery.jobs import Jobs
from emulator.cloud import Cloud, Principal
from emulator.services.bigquery.ask import Asking
from emulator.services.bigquery.waiting import begun
from emulator.wire import body, route

Json = Any
PATH = "/upload/bigquery/v2/projects/{project}/jobs"


@dataclass(slots=True)
class _Session:
    """A resumable upload under way."""

    given: dict[str, Json]
    file: Path
    caller: Principal
    size: int = 0


class Uploads(Asking):
    def __init__(self, cloud: Cloud, jobs: Jobs) -> None:
        super().__init__(cloud)
        self._jobs = jobs
        self._sessions: dict[str, _Session] = {}

    def routes(self) -> list[BaseRoute]:
        both = [PATH, "/resumable" + PATH]
        return [
            made
            for path in both
            for made in (route("POST", path, self.begin), route("PUT", path, self.piece))
        ]

    async def begin(self, request: Request) -> Json:
        kind = request.query_params.get("uploadType")
        if kind == "multipart":
            return await self._multipart(request)
        if kind != "resumable":
            raise invalid(f"Invalid uploadType: {kind}")
        key = secrets.token_urlsafe(18)
        self._sessions[key] = _Session(await body(request), self._fresh(), self.caller(request))
        where = f"{request.base_url}{PATH[1:].format(**request.path_params)}"
        return Response(headers={"location": f"{where}?uploadType=resumable&upload_id={key}"})

    async def piece(self, request: Request) -> Json:
        session = self._sessions.get(request.query_params.get("upload_id", ""))
        if session is None:
            raise invalid("The upload is not there or was finished.")
        with session.file.open("ab") as file:
            async for chunk in request.stream():
                file.write(chunk)
                session.size += len(chunk)
        total = request.headers.get("content-range", "/*").rpartition("/")[2]
        if (total != "*" and session.size < int(total)) or (
            total == "*" and "content-range" in request.headers
        ):
            return Response(status_code=308, headers={"range": f"bytes=0-{session.size - 1}"})
        self._sessions.pop(request.query_params["upload_id"])
        return await self._finish(request, session.given, session.file, session.caller)

    async def _multipart(self, request: Request) -> Json:
        kind = request.headers.get("content-type", "")
        boundary = kind.partition("boundary=")[2].strip().strip("\"'").encode()
        raw = await request.body()
        head, _, rest = raw.partition(b"--" + boundary)[2].partition(b"\r\n--" + boundary)
        if not boundary or not rest:
            raise invalid("Missing parts of the multipart request.")
        given = orjson.loads(head.lstrip(b"\r\n").partition(b"\r\n\r\n")[2])
        content = rest.lstrip(b"\r\n").partition(b"\r\n\r\n")[2]
        file = self._fresh()
        file.write_bytes(content[: content.rindex(b"\r\n--" + boundary)])
        return await self._finish(request, given, file, self.caller(request))

    async def _finish(
        self, request: Request, given: dict[str, Json], file: Path, caller: Principal
    ) -> Json:
        project = request.path_params["project"]
        return await begun(self._jobs, project, given, caller, file)

    def _fresh(self) -> Path:
        folder = self.cloud.settings.data / "bigquery" / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as made:
            return Path(made.name)
