"""A Google Cloud in a thread, as far as the runtime can tell: it keeps what it is given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "token-of-the-block"


@dataclass
class FakeCloud:
    """Objects by (bucket, name); every request is remembered as (method, path)."""

    url: str = ""
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    times: dict[tuple[str, str], str] = field(default_factory=dict)
    uploads: dict[str, tuple[str, str, bytearray]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    """What an execution says when it is asked, one after another; the last stays."""
    refuse: Callable[[str, str], int | None] = lambda _method, _path: None
    lock: Lock = field(default_factory=Lock)

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    def reset(self) -> None:
        for kept in (self.objects, self.times, self.uploads, self.requests, self.executions):
            kept.clear()
        self.states[:] = ["SUCCEEDED"]
        self.refuse = lambda _method, _path: None

    def names(self) -> list[str]:
        return sorted(name for _, name in self.objects)

    def keep(self, bucket: str, name: str, data: bytes) -> None:
        with self.lock:
            self.objects[bucket, name] = data
            self.times[bucket, name] = datetime.now(UTC).isoformat()

    @classmethod
    @contextmanager
    def serving(cls) -> Iterator[FakeCloud]:
        cloud = cls()
        handler = type("Handler", (_Handler,), {"cloud": cloud})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        cloud.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: FakeCloud
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: Any) -> None:
        pass

    def _route(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.cloud.requests.append((self.command, self.path))
        if (status := self.cloud.refuse(self.command, self.path)) is not None:
            return self._answer(status, {"error": {"message": "refused by the test"}})
        for pattern, answer in _ROUTES:
            if found := re.fullmatch(pattern, f"{self.command} {parts.path}"):
                places = [unquote(place) for place in found.groups()]
                if "/md/" not in parts.path and self.headers["Authorization"] != f"Bearer {TOKEN}":
                    return self._answer(401, {"error": {"message": "no token"}})
                return answer(self, body, query, *places)
        return self._answer(404, {"error": {"message": f"no route {self.path}"}})

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def do_PUT(self) -> None:
        self._route()

    def _answer(self, status: int, body: Any, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def token(self, _body: bytes, _query: dict[str, str]) -> None:
        self._answer(200, {"access_token": TOKEN, "expires_in": 3600})

    def region(self, _body: bytes, _query: dict[str, str]) -> None:
        self._answer(200, b"projects/1/regions/europe-west1")

    def upload(self, body: bytes, query: dict[str, str], bucket: str) -> None:
        name = query["name"]
        if query["uploadType"] == "resumable":
            session = f"{len(self.cloud.uploads)}"
            self.cloud.uploads[session] = (bucket, name, bytearray())
            return self._answer(200, {}, Location=f"{self.cloud.url}/session/{session}")
        with self.cloud.lock:
            taken = query.get("ifGenerationMatch") == "0" and (bucket, name) in self.cloud.objects
        if taken:
            return self._answer(412, {"error": {"message": "already there"}})
        self.cloud.keep(bucket, name, body)
        return self._answer(200, {"name": name})

    def session(self, body: bytes, _query: dict[str, str], session: str) -> None:
        bucket, name, data = self.cloud.uploads[session]
        span, _, total = self.headers["Content-Range"].removeprefix("bytes ").partition("/")
        assert span == "*" or int(span.partition("-")[0]) == len(data)
        data += body
        if total == "*":
            assert len(body) % (256 << 10) == 0
            return self._answer(308, b"", Range=f"bytes=0-{len(data) - 1}")
        self.cloud.keep(bucket, name, bytes(data))
        return self._answer(200, {"name": name})

    def download(self, _body: bytes, _query: dict[str, str], bucket: str, name: str) -> None:
        data = self.cloud.objects.get((bucket, name))
        if data is None:
            return self._answer(404, {"error": {"message": "no such object"}})
        if wanted := self.headers["Range"]:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            return self._answer(206, data[int(first) : int(last) + 1])
        return self._answer(200, data)

    def listing(self, _body: bytes, query: dict[str, str], bucket: str) -> None:
        items = [
            {"name": name, "timeCreated": self.cloud.times[b, name]}
            for b, name in sorted(self.cloud.objects)
            if b == bucket and name.startswith(query.get("prefix", ""))
        ]
        self._answer(200, {"items": items})

    def execute(self, body: bytes, _query: dict[str, str], workflow: str) -> None:
        number = f"00000000-0000-4000-8000-{len(self.cloud.executions):012d}"
        name = f"{workflow}/executions/{number}"
        argument = json.loads(json.loads(body)["argument"])
        self.cloud.executions[name] = {"name": name, "argument": argument}
        self._answer(200, {"name": name, "state": "ACTIVE", "startTime": "2024-05-01T00:00:00Z"})

    def execution(self, _body: bytes, _query: dict[str, str], name: str) -> None:
        states = self.cloud.states
        state = states.pop(0) if len(states) > 1 else states[0]
        found = {**self.cloud.executions[name], "state": state}
        found["argument"] = json.dumps(found["argument"])
        self._answer(200, found)

    def executions(self, _body: bytes, _query: dict[str, str], workflow: str) -> None:
        found = [
            {**e, "argument": json.dumps(e["argument"]), "state": self.cloud.states[0]}
            for name, e in self.cloud.executions.items()
            if name.startswith(f"{workflow}/")
        ]
        self._answer(200, {"executions": found[::-1]})


_ROUTES: list[tuple[str, Any]] = [
    (r"GET /md/block/computeMetadata/v1/instance/service-accounts/default/token", _Handler.token),
    (r"GET /md/block/computeMetadata/v1/instance/region", _Handler.region),
    (r"POST /upload/storage/v1/b/([^/]+)/o", _Handler.upload),
    (r"PUT /session/(\d+)", _Handler.session),
    (r"GET /download/storage/v1/b/([^/]+)/o/([^/]+)", _Handler.download),
    (r"GET /storage/v1/b/([^/]+)/o", _Handler.listing),
    (r"POST /v1/(.+)/executions", _Handler.execute),
    (r"GET /v1/(.+/executions/[^/]+)", _Handler.execution),
    (r"GET /v1/(.+)/executions", _Handler.executions),
]
