"""One request to Storage, and the answers that its JSON API gives.

Plain ASGI instead of Starlette's objects: every block reads and writes through here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from emulator import recvbody, sendfile
from emulator.cloud import Json, Principal
from emulator.errors import HTTP_OF_STATUS, ApiError

JSON_TYPE = b"application/json; charset=UTF-8"
LARGEST_JSON = 4 * 1024 * 1024
Headers = list[tuple[bytes, bytes]]


class StorageError(ApiError):
    """Storage's older form of an error, with a `reason` instead of a status."""

    def __init__(self, code: int, reason: str, message: str, location: str = "") -> None:
        super().__init__("UNKNOWN", message)
        self._code = code
        self.reason = reason
        self._location = location

    @property
    def code(self) -> int:
        return self._code

    def to_json(self) -> dict[str, Any]:
        cause = {"message": self.message, "domain": "global", "reason": self.reason}
        if self._location:
            cause |= {"locationType": "header", "location": self._location}
        return {"error": {"code": self.code, "message": self.message, "errors": [cause]}}

    def to_rpc(self) -> dict[str, Any]:
        by_code = {code: status for status, code in reversed(HTTP_OF_STATUS.items())}
        status = "FAILED_PRECONDITION" if self.code == 412 else by_code.get(self.code, "UNKNOWN")
        return ApiError(status, self.message).to_rpc()


class NotModified(Exception):
    """304: the client's copy is still good."""


def bad(message: str, reason: str = "invalid") -> StorageError:
    return StorageError(400, reason, message)


@dataclass(slots=True)
class Ask:
    """What came in. Bodies are read when, and if, a handler wants them."""

    method: str
    base: str
    """`http://<host>` as the client wrote it: links in answers start with it."""
    params: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    caller: Principal
    receive: Callable[[], Awaitable[Any]]
    send: Callable[[Any], Awaitable[None]]
    send_file: Callable[[int, int, int], Awaitable[None]] | None = None
    """The short way for a body that lies in a file (descriptor, start, bytes), if there is one."""
    receiver: recvbody.BodyReceiver | None = None
    """The short way for a long body, if there is one."""
    _more: bool = field(default=True)

    @classmethod
    def of(
        cls, scope: Mapping[str, Any], receive: Any, send: Any, caller: Callable[[Any], Principal]
    ) -> Ask:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        query = scope["query_string"].decode("latin-1")
        authorization, ways = headers.get(b"authorization"), scope.get("extensions") or {}
        return cls(
            method=scope["method"],
            base=f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'').decode('latin-1')}",
            params=dict(parse_qsl(query, keep_blank_values=True)) if query else {},
            headers=headers,
            caller=caller(authorization.decode("latin-1") if authorization else None),
            receive=receive,
            send=send,
            send_file=ways.get(sendfile.EXTENSION),
            receiver=ways.get(recvbody.EXTENSION),
        )

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    def number(self, name: str) -> int | None:
        text = self.params.get(name)
        if text is None or text == "":
            return None
        if not text.lstrip("-").isdigit():
            raise bad(f"Invalid argument: {name} must be a number.")
        return int(text)

    def flag(self, name: str) -> bool:
        return self.params.get(name, "").lower() == "true"

    # -- the body ---------------------------------------------------------------------------

    async def chunk(self) -> bytes | None:
        """The next piece of the body; None after the last."""
        if self.receiver is not None:
            return await self.receiver.piece()
        while self._more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("the client went away")
            self._more = message.get("more_body", False)
            if message.get("body"):
                return bytes(message["body"])
        return None

    async def whole(self, most: int = LARGEST_JSON) -> bytes:
        raw = bytearray()
        while (chunk := await self.chunk()) is not None:
            raw += chunk
            if len(raw) > most:
                raise StorageError(413, "uploadTooLarge", "The request's metadata is too large.")
        return bytes(raw)

    async def json(self) -> dict[str, Json]:
        return parse_json(await self.whole())

    # -- the answer -------------------------------------------------------------------------

    async def answer(
        self, code: int, body: bytes = b"", kind: bytes = JSON_TYPE, extra: Headers | None = None
    ) -> None:
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *(extra or ())]
        await self.send({"type": "http.response.start", "status": code, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def answer_json(self, value: Json, code: int = 200) -> None:
        await self.answer(code, orjson.dumps(value))

    async def nothing(self, code: int = 204, extra: Headers | None = None) -> None:
        headers = [(b"content-length", b"0"), *(extra or ())] if code != 204 else (extra or [])
        await self.send({"type": "http.response.start", "status": code, "headers": headers})
        await self.send({"type": "http.response.body", "body": b""})


def parse_json(raw: bytes) -> dict[str, Json]:
    if not raw.strip():
        return {}
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise bad("Parse Error", "parseError") from None
    if not isinstance(value, dict):
        raise bad("Parse Error", "parseError")
    return value
