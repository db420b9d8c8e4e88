"""Where a workflow's request goes: a function here, an API here, a mapped host, or outside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import orjson

from emulator.clock import working
from emulator.cloud import Call, Cloud
from emulator.drive import inside
from emulator.drive.hosts import Hosts
from emulator.drive.http import Prepared

GOOGLE = ".googleapis.com"
ANONYMOUS = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, "
    "login cookie or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    code: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class NetworkError(Exception):
    """No answer came back."""


class RefusedError(NetworkError):
    """The connection was never made: whatever listens there has seen nothing."""


class BrokenError(NetworkError):
    """The connection broke, or the name is unknown: the request may have been carried out."""


class SlowError(NetworkError):
    """No answer in time."""


class TooLargeError(NetworkError):
    """The answer is larger than Workflows takes."""


class Wire(Protocol):
    """What sends a request over a socket."""

    async def send(self, request: Prepared, most: int) -> Answered: ...

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class Sender(Protocol):
    """What takes a workflow's request wherever it goes."""

    async def send(self, request: Prepared, timeout: float) -> Answered:
        """NetworkError when nothing comes back within `timeout` seconds."""
        ...

    async def warm(self) -> None:
        """Get ready for the first request, when there is time."""
        ...

    async def close(self) -> None: ...


class Network:
    """All ways out of a workflow that runs in an emulator."""

    def __init__(self, cloud: Cloud, outside: Wire, hosts: Hosts, most: int) -> None:
        self._cloud = cloud
        self._outside = outside
        self._hosts = hosts
        self._most = most

    async def send(self, request: Prepared, timeout: float) -> Answered:
        try:
            async with asyncio.timeout(timeout):
                with working(self._cloud.clock):
                    answer = await self._send(request, timeout)
        except TimeoutError:
            raise SlowError from None
        if len(answer.body) > self._most:
            raise TooLargeError
        return answer

    async def _send(self, request: Prepared, timeout: float) -> Answered:
        if rule := self._hosts.rule(request.url, request.private_service):
            if rule.canned:
                return Answered(*rule.canned)
            return await self._outside.send(rule.redirected(request), self._most)
        if service := self._cloud.host.service_of_host(request.host):
            return await self._function(service, request, timeout)
        if request.host.endswith(GOOGLE):
            return await self._google(request)
        return await self._outside.send(request, self._most)

    async def _function(self, service: str, request: Prepared, timeout: float) -> Answered:
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": request.host, **request.headers}
        answer = await self._cloud.host.call(
            service, Call(request.method, path, headers, request.body), timeout
        )
        return Answered(answer.code, list(answer.headers.items()), answer.body)

    async def _google(self, request: Prepared) -> Answered:
        if not any(name.lower() == "authorization" for name in request.headers):
            return _unauthenticated()
        assert self._cloud.asgi is not None
        answer = await inside.call(self._cloud.asgi, request)
        return Answered(answer.code, answer.headers, bytes(answer.body))

    async def warm(self) -> None:
        await self._outside.warm()

    async def close(self) -> None:
        await self._outside.close()


def _unauthenticated() -> Answered:
    """A workflow's call without `auth` reaches Google as nobody's."""
    error = {"code": 401, "message": ANONYMOUS, "status": "UNAUTHENTICATED"}
    body = orjson.dumps({"error": error})
    return Answered(401, [("Content-Type", "application/json; charset=UTF-8")], body)
