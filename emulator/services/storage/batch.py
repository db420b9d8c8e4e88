"""`/batch/storage/v1`: up to a hundred calls in one request, each as if it had come alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import Message
from email.parser import BytesParser
from typing import Any

from emulator.services.storage.ask import Ask, StorageError, bad

MOST = 1000
BOUNDARY = "batch_blocklift"
_REASONS = {200: "OK", 204: "No Content", 304: "Not Modified"}
App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


async def serve(ask: Ask, scope: dict[str, Any], app: App) -> None:
    body = bytearray()
    while (chunk := await ask.chunk()) is not None:
        body += chunk
    parts = _parts(ask.header(b"content-type"), bytes(body))
    answers = [await _one(part, scope, app) for part in parts]
    ending = f"--{BOUNDARY}--\r\n".encode()
    kind = f'multipart/mixed; boundary="{BOUNDARY}"'.encode()
    await ask.answer(200, b"".join([*answers, ending]), kind)


def _parts(kind: str, body: bytes) -> list[Message]:
    whole = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = whole.get_payload() if whole.is_multipart() else None
    if not isinstance(parts, list):
        raise bad("Failed to parse batch request: expected multipart/mixed.")
    if len(parts) > MOST:
        raise StorageError(413, "batchSizeTooLarge", f"A batch may hold {MOST} calls.")
    return [part for part in parts if isinstance(part, Message)]


async def _one(part: Message, scope: dict[str, Any], app: App) -> bytes:
    raw = part.get_payload(decode=True)
    line, _, rest = (raw if isinstance(raw, bytes) else b"").lstrip().partition(b"\n")
    inner = BytesParser().parsebytes(rest)
    payload = inner.get_payload(decode=True)
    code, headers, body = await _called(line, inner, payload or b"", scope, app)  # type: ignore[arg-type]  # decode=True gives bytes
    told = "".join(f"{name.decode()}: {value.decode('latin-1')}\r\n" for name, value in headers)
    head = (
        f"--{BOUNDARY}\r\nContent-Type: application/http\r\n"
        f"Content-ID: {_answer_id(part.get('Content-ID', ''))}\r\n\r\n"
        f"HTTP/1.1 {code} {_REASONS.get(code, 'Refused')}\r\n{told}\r\n"
    )
    return head.encode() + body + b"\r\n"


async def _called(
    line: bytes, inner: Message, body: bytes, scope: dict[str, Any], app: App
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    words = line.decode("latin-1").split()
    if len(words) < 2:
        raise bad("Failed to parse batch request: no request line.")
    target = words[1].partition("://")[2].partition("/")[2] if "://" in words[1] else words[1][1:]
    path, _, query = target.partition("?")
    own = {name.lower().encode(): value.encode() for name, value in inner.items()}
    kept = {k: v for k, v in scope["headers"] if k in (b"host", b"authorization")}
    call = {
        **scope,
        "extensions": {},  # the answer is collected here, it does not go to the socket
        "method": words[0],
        "path": f"/{path}",
        "raw_path": f"/{path}".encode(),
        "query_string": query.encode(),
        "headers": list({**kept, **own, b"content-length": b"%d" % len(body)}.items()),
    }
    answer = _Collected(body)
    await app(call, answer.receive, answer.send)
    return answer.code, answer.headers, bytes(answer.body)


class _Collected:
    """The two ends of one inner call."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.code = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": self._request, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.code, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


def _answer_id(request_id: str) -> str:
    return f"<response-{request_id.strip().removeprefix('<')}" if request_id else "<response>"
