"""A security token service, which takes a CI's token for one of Google's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class TokenServer:
    """Gives `answer` for any token; without one, refuses all as Google does."""

    url: str = ""
    answer: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)


@contextmanager
def token_server() -> Iterator[TokenServer]:
    told = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            told.asked.append(parse_qs(self.rfile.read(length).decode()))
            kind = "urn:ietf:params:oauth:token-type:access_token"
            given = {"access_token": told.answer, "issued_token_type": kind}
            reason = "The given credential is rejected by the attribute condition."
            refused = {"error": "unauthorized_client", "error_description": reason}
            more = {"token_type": "Bearer", "expires_in": 3600}
            self.say(200, {**given, **more}) if told.answer else self.say(401, refused)

        def say(self, code: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
