"""Servers that notifications are sent to: webhooks over HTTP, letters over SMTP."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Webhooks:
    """Remembers what was posted; paths in `answers` get another code than 200."""

    url: str = ""
    posts: list[tuple[str, Any, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)

    def at(self, path: str) -> list[Any]:
        return [body for where, body, _ in self.posts if where == path]


@contextmanager
def webhooks() -> Iterator[Webhooks]:
    heard = Webhooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            heard.posts.append((self.path, json.loads(data), dict(self.headers)))
            self.send_response(heard.answers.get(self.path, 200))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        heard.url = f"http://127.0.0.1:{port}"
        yield heard


@dataclass
class Post:
    """A mail server that takes what it is given."""

    port: int = 0
    letters: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)


@contextmanager
def post_office() -> Iterator[Post]:
    """SMTP as far as smtplib speaks it (RFC 5321), with AUTH PLAIN and no TLS."""
    post = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "QUIT":
                    self.say("221 bye")
                    return
                verbs.get(verb, ok)(self, line)

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    def hello(handler: Handler, _: str) -> None:
        handler.say("250-here\r\n250 AUTH PLAIN")

    def auth(handler: Handler, line: str) -> None:
        post.logins.append(line.rpartition(" ")[2])
        handler.say("235 welcome")

    def data(handler: Handler, _: str) -> None:
        handler.say("354 go on")
        lines = []
        while (line := handler.rfile.readline().decode()) not in {".\r\n", ""}:
            lines.append(line)
        post.letters.append("".join(lines))
        handler.say("250 taken")

    def ok(handler: Handler, _: str) -> None:
        handler.say("250 fine")

    verbs: dict[str, Callable[[Handler, str], None]] = {"EHLO": hello, "AUTH": auth, "DATA": data}
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with serving(server) as port:
        post.port = port
        yield post


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """Its port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
