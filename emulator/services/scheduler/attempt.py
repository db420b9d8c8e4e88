"""One call of a job's URL: what is sent, and what an answer means.

Cloud Scheduler: HttpTarget (headers, tokens), "Job logs".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from emulator.clock import rfc3339
from emulator.drive.http import Prepared, host_of
from emulator.drive.network import Answered, NetworkError, Sender, SlowError
from emulator.errors import HTTP_OF_STATUS, RPC_CODE
from emulator.services.scheduler.moments import seconds

Json = Any
LARGEST_ANSWER = 32 * 1024 * 1024
AGENT = "Google-Cloud-Scheduler"
_RPC_OF_HTTP = {code: RPC_CODE[status] for status, code in reversed(HTTP_OF_STATUS.items())}


class Mint(Protocol):
    """The part of `Identity` that makes tokens."""

    def access_token(self, account: str) -> str: ...

    def id_token(self, account: str, audience: str) -> str: ...


async def attempt(
    job: Mapping[str, Json], due: float, sender: Sender, mint: Mint
) -> tuple[int, int]:
    """HTTP status (0 without an answer) and google.rpc.Code (0 when all went well)."""
    deadline = seconds(job["attemptDeadline"], "attemptDeadline")
    try:
        answer = await sender.send(request_of(job, due, mint), deadline)
    except SlowError:
        return 0, RPC_CODE["DEADLINE_EXCEEDED"]
    except NetworkError:
        return 0, RPC_CODE["UNAVAILABLE"]
    return answer.code, _meaning(answer)


def _meaning(answer: Answered) -> int:
    if 200 <= answer.code < 300:
        return 0
    return _RPC_OF_HTTP.get(answer.code, RPC_CODE["UNKNOWN"])


def request_of(job: Mapping[str, Json], due: float, mint: Mint) -> Prepared:
    target = job["httpTarget"]
    body = base64.b64decode(target.get("body", ""))
    headers = {
        **({"Content-Type": "application/octet-stream"} if body else {}),
        **_without_reserved(target.get("headers", {})),
        "User-Agent": AGENT,
        "X-CloudScheduler": "true",
        "X-CloudScheduler-JobName": job["name"].rpartition("/")[2],
        "X-CloudScheduler-ScheduleTime": rfc3339(due),
    }
    if token := _token(target, mint):
        headers["Authorization"] = f"Bearer {token}"
    uri = target["uri"]
    return Prepared(target["httpMethod"], uri, host_of(uri), headers, body)


def _without_reserved(given: Mapping[str, str]) -> dict[str, str]:
    """Names in one case, so that a given Content-Type replaces the usual one."""
    named = {"-".join(part.capitalize() for part in k.split("-")): v for k, v in given.items()}
    return {name: value for name, value in named.items() if not name.startswith(_RESERVED)}


_RESERVED = ("X-Cloudscheduler", "X-Google-", "Host", "Content-Length", "User-Agent")


def _token(target: Mapping[str, Json], mint: Mint) -> str:
    if oauth := target.get("oauthToken"):
        return mint.access_token(oauth["serviceAccountEmail"])
    if oidc := target.get("oidcToken"):
        return mint.id_token(oidc["serviceAccountEmail"], oidc["audience"])
    return ""


def log_entry(job: Mapping[str, Json], event: str, fields: Mapping[str, Json]) -> dict[str, Json]:
    """A line of the job's log: `AttemptStarted` or `AttemptFinished`."""
    _, project, _, location, _, name = job["name"].split("/")
    return {
        "logName": f"projects/{project}/logs/cloudscheduler.googleapis.com%2Fexecutions",
        "resource": {
            "type": "cloud_scheduler_job",
            "labels": {"project_id": project, "location": location, "job_id": name},
        },
        "jsonPayload": {
            "@type": f"type.googleapis.com/google.cloud.scheduler.logging.{event}",
            "jobName": job["name"],
            **_whereto(job),
            **fields,
        },
    }


def _whereto(job: Mapping[str, Json]) -> dict[str, Json]:
    if target := job.get("pubsubTarget"):
        return {"targetType": "PUB_SUB", "pubsubTopic": target["topicName"]}
    return {"targetType": "HTTP", "url": job["httpTarget"]["uri"]}
