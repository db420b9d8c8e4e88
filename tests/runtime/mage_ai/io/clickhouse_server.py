"""ClickHouse's HTTP interface over its own engine, which chdb is in a process.

A statement comes as `query` or as the body, rows of an INSERT as a body beside `query`
(ClickHouse: HTTP Interface). Run as a program, it prints its port and serves until it is ended.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

INSERT = re.compile(rb"(INSERT\s+INTO\s[^\n]*?)\s+FORMAT\s+(\w+)\n", re.IGNORECASE)


@contextmanager
def clickhouse() -> Iterator[int]:
    """The engine takes 300 MB and is one per process, so it gets one of its own; its port."""
    command = [sys.executable, "-W", "ignore", __file__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline())
        finally:
            child.terminate()


class _Handler(BaseHTTPRequestHandler):
    engine: Any
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n") if self.path == "/ping" else self._run(b"")

    def do_POST(self) -> None:
        body, coding = self._body(), self.headers["Content-Encoding"]
        self._run(
            pa.CompressedInputStream(pa.BufferReader(body), coding).read() if coding else body
        )

    def _body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _run(self, body: bytes) -> None:
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        try:
            self.engine.query(f"USE `{asked.get('database', 'default')}`")
            self._answer(200, self._result(asked, body))
        except Exception as error:  # noqa: BLE001 (whatever the engine raises is told)
            code = re.search(r"Code: (\d+)", str(error))
            self._answer(500, str(error).encode(), code[1] if code else "0")

    def _result(self, asked: dict[str, str], body: bytes) -> bytes:
        if insert := INSERT.match(asked["query"].encode() + b"\n" if "query" in asked else body):
            rows = body if "query" in asked else body[insert.end() :]
            return self._inserted(insert[1].decode(), insert[2].decode(), rows)
        query = asked.get("query") or body.decode()
        given = {k.removeprefix("param_"): v for k, v in asked.items() if k.startswith("param_")}
        form = self.headers["X-ClickHouse-Format"] or asked.get("default_format", "TabSeparated")
        result: bytes = self.engine.query(query, form, params=given).bytes()
        return result

    def _inserted(self, insert: str, form: str, rows: bytes) -> bytes:
        """The engine in a process takes rows from files."""
        with tempfile.NamedTemporaryFile(dir=self.engine.folder) as file:
            Path(file.name).write_bytes(rows)
            self.engine.query(f"{insert} SELECT * FROM file('{file.name}', {form})")
        return b""

    def _answer(self, status: int, data: bytes, code: str = "") -> None:
        self.send_response(status)
        self.send_header("X-ClickHouse-Server-Display-Name", "chdb")
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("Content-Length", str(len(data)))
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.end_headers()
        self.wfile.write(data)


def _serve() -> None:
    from chdb.session import Session

    with tempfile.TemporaryDirectory(prefix="clickhouse-") as folder:
        engine = Session(folder)
        engine.folder = folder
        engine.query("SET session_timezone = 'UTC'")
        handler = type("Handler", (_Handler,), {"engine": engine})
        server = HTTPServer(("127.0.0.1", 0), handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    _serve()
