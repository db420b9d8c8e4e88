"""Azure's Blob service as its client asks it: block blobs, kept in a dict.

Put Blob, Put Block and Put Block List, Get Blob by ranges and Get Blob Properties;
what a request must not do (overwrite under If-None-Match, no signature) is refused.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

ACCOUNT = "shop"


@dataclass
class Account:
    """One storage account."""

    url: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    """By container/name."""
    blocks: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Uncommitted ones, by blob and id."""
    asked: list[str] = field(default_factory=list)
    """Methods, and what was asked for beside the blob."""


@contextmanager
def azure(*containers: str) -> Iterator[Account]:
    account = Account()

    class Asked(_Asked):
        kept = account
        known = containers

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    account.url = f"http://127.0.0.1:{server.server_port}/{ACCOUNT}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield account
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kept: Account
    known: tuple[str, ...]

    def log_message(self, *_told: object) -> None:
        """Silent."""

    def _told(self) -> tuple[str, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.kept.asked.append(f"{self.command} {query.get('comp', 'blob')}")
        return unquote(parts.path.removeprefix(f"/{ACCOUNT}/")), query, body

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refused(self, status: int, code: str) -> None:
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>"
        self._answer(status, text.encode(), x_ms_error_code=code, Content_Type="application/xml")

    def _may(self, name: str) -> bool:
        if not self.headers.get("Authorization", "").startswith(f"SharedKey {ACCOUNT}:"):
            self._refused(403, "AuthenticationFailed")
        elif name.partition("/")[0] not in self.known:
            self._refused(404, "ContainerNotFound")
        else:
            return True
        return False

    def do_PUT(self) -> None:
        name, query, body = self._told()
        if not self._may(name):
            return
        if refusal := self._put(name, query, body):
            self._refused(*refusal)
        else:
            self._answer(201, b"", **_facts(self.kept.blobs.get(name, b"")))

    def _put(self, name: str, query: dict[str, str], body: bytes) -> tuple[int, str] | None:
        """Why it cannot be done, if it cannot."""
        if query.get("comp") == "block":
            self.kept.blocks.setdefault(name, {})[query["blockid"]] = body
            return None
        if self.headers.get("If-None-Match") == "*" and name in self.kept.blobs:
            return 409, "BlobAlreadyExists"
        if query.get("comp") == "blocklist":
            ids = re.findall(r"<Latest>(.*?)</Latest>", body.decode())
            waiting = self.kept.blocks.pop(name, {})
            if any(one not in waiting for one in ids):
                return 400, "InvalidBlockList"
            body = b"".join(waiting[one] for one in ids)
        self.kept.blobs[name] = body
        return None

    def do_GET(self) -> None:
        name, _, _ = self._told()
        if not self._may(name):
            return
        if (data := self.kept.blobs.get(name)) is None:
            self._refused(404, "BlobNotFound")
            return
        found = re.match(r"bytes=(\d+)-(\d+)?", self.headers.get("x-ms-range", ""))
        facts = _facts(data) | {"x_ms_blob_type": "BlockBlob"}
        if found is None:
            self._answer(200, data, **facts)
            return
        start = int(found[1])
        piece = data[start : int(found[2]) + 1 if found[2] else None]
        place = f"bytes {start}-{start + len(piece) - 1}/{len(data)}"
        self._answer(206, piece, Content_Range=place, **facts)

    def do_HEAD(self) -> None:
        self.do_GET()


def _facts(data: bytes) -> dict[str, str]:
    moment = "Wed, 01 May 2024 10:00:00 GMT"
    return {"ETag": f'"{md5(data).hexdigest()}"', "Last_Modified": moment}
