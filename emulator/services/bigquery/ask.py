"""What every BigQuery handler does: who calls, on a worker thread, in pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from emulator.bigquery.errors import invalid
from emulator.cloud import Cloud, Principal

Json = Any
T = TypeVar("T")
BASE = "/bigquery/v2/projects/{project}"
NOTHING = 204


class Asking:
    """Base of the handlers."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def caller(self, request: Request) -> Principal:
        return self.cloud.identity.caller(request.headers.get("authorization"))

    def allow(self, request: Request, permission: str, resource: str) -> None:
        self.cloud.access.require(self.caller(request), permission, resource)


async def worker(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)


def nothing() -> Response:
    return Response(status_code=NOTHING)


def number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name) or ""
    if not text:
        return default
    if not text.isdigit():
        raise invalid(f"Invalid value for {name}: {text}")
    return int(text)


def flag(request: Request, name: str) -> bool:
    return request.query_params.get(name, "").lower() == "true"


def paged(request: Request, items: Sequence[Json], key: str, kind: str) -> dict[str, Json]:
    start, most = number(request, "pageToken", 0), number(request, "maxResults", 1000)
    answer: dict[str, Json] = {"kind": kind, "etag": "", key: list(items[start : start + most])}
    if start + most < len(items):
        answer["nextPageToken"] = str(start + most)
    return answer
