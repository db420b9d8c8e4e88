"""The layer around a service: what Google would refuse is refused here, in Google's words.

Requests that the description does not know pass as they are: a service may do more than it
checks. Answers are checked as well, so that a fake cannot drift: a wrong one is a line in the
log, or, in tests, an error.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson

from emulator.discovery import query
from emulator.discovery.catalog import Api, Method, load
from emulator.discovery.schema import Problem, Reader, snake
from emulator.errors import ApiError

Asgi = Callable[[Any, Any, Any], Awaitable[None]]
LARGEST = 32 * 1024 * 1024
LARGEST_ANSWER = 256 * 1024
"""Longer answers are only checked in tests."""

STREAMS = frozenset({"logging.entries.tail"})
"""Methods that answer with a list of what the description says."""

log = logging.getLogger(__name__)


class DriftError(Exception):
    """An answer that Google's description does not allow."""


@dataclass
class Checker:
    """Checks one API."""

    document: str
    strict: bool = True
    """False for the older JSON APIs, which ignore what they do not know."""
    raises: bool = False
    """A wrong answer is an error (tests)."""

    @cached_property
    def _api(self) -> Api:
        return load(self.document)

    def around(self, app: Asgi) -> Asgi:
        """The same app behind the check."""

        async def checked(scope: Any, receive: Any, send: Any) -> None:
            raw: bytes = scope.get("raw_path") or scope["path"].encode()
            path = raw.partition(b"?")[0].decode("latin-1")
            method = self._api.method(scope["method"], path)
            if method is None or b"alt=media" in scope["query_string"]:
                await app(scope, receive, send)
                return
            if self.strict:
                receive = await self._checked_request(method, scope, receive)
            watch = _Watch(self, method, send)
            await app(scope, receive, watch.send)

        return checked

    # -- requests ---------------------------------------------------------------------------

    async def _checked_request(self, method: Method, scope: Any, receive: Any) -> Any:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        problems = query.check(self._api, method, pairs)
        mask = dict(pairs).get("updateMask") or dict(pairs).get("update_mask")
        if mask and method.request:
            problems += query.check_mask(self._api, method, mask)
        if method.request is None:
            _refuse(problems)
            return receive
        raw = await _whole(receive)
        body, wrong = self.plain_body(method, raw)
        _refuse([*problems, *wrong])
        return _replayed(body, receive)

    def plain_body(self, method: Method, raw: bytes) -> tuple[bytes, list[Problem]]:
        """The body in its plain form, and what is wrong with it."""
        if not raw.strip():
            return raw, []
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            return raw, [Problem("", f"Invalid JSON payload received. {error}")]
        reader = Reader(self._api.schemas)
        name = method.request or ""
        plain = reader.read(value, {"$ref": name}, _root(name))
        return orjson.dumps(plain), reader.problems

    # -- answers ----------------------------------------------------------------------------

    def answer_problems(self, method: Method, raw: bytes) -> list[Problem]:
        if method.response is None:
            return []
        reader, value = Reader(self._api.schemas), orjson.loads(raw)
        parts = value if method.id in STREAMS and isinstance(value, list) else [value]
        for part in parts:
            reader.read(part, {"$ref": method.response}, "")
        return reader.problems

    def judge(self, method: Method, raw: bytes) -> None:
        """Tell, or raise, what is wrong with an answer."""
        if not self.raises and len(raw) > LARGEST_ANSWER:
            return
        problems = self.answer_problems(method, raw)
        if not problems:
            return
        told = f"{method.id} answers wrongly: {'; '.join(p.message for p in problems)}"
        if self.raises:
            raise DriftError(told)
        log.warning(told)


class _Watch:
    """`send` that keeps a good JSON answer back until it was looked at."""

    def __init__(self, checker: Checker, method: Method, send: Any) -> None:
        self._checker = checker
        self._method = method
        self._send = send
        self._start: Any = None
        self._body = bytearray()

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start" and _is_checked(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            await self._collect(message)

    async def _collect(self, message: Any) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        self._checker.judge(self._method, bytes(self._body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": bytes(self._body)})


def _is_checked(start: Any) -> bool:
    headers = dict(start["headers"])
    return bool(start["status"] == 200 and b"json" in headers.get(b"content-type", b""))


def _root(schema: str) -> str:
    """How Google names the body in its messages: the field of the request that holds it."""
    name = schema.removeprefix("GoogleCloudRunV2")
    return "" if name.endswith("Request") else snake(name)


async def _whole(receive: Any) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > LARGEST:
            raise ApiError("INVALID_ARGUMENT", "Request payload size exceeds the limit.")
        if not message.get("more_body"):
            return bytes(body)


def _replayed(body: bytes, receive: Any) -> Any:
    """`receive` once more, with the body in its plain form."""
    sent = False

    async def replay() -> Any:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _refuse(problems: Sequence[Problem]) -> None:
    if not problems:
        return
    violations = [{"field": p.path, "description": p.message} for p in problems]
    kind = "type.googleapis.com/google.rpc.BadRequest"
    raise ApiError(
        "INVALID_ARGUMENT",
        "\n".join(p.message for p in problems),
        [{"@type": kind, "fieldViolations": violations}],
    )
