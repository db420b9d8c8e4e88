"""Trino's HTTP protocol over DuckDB, as far as its Python client speaks it.

POST a statement, follow `nextUri` to its rows (Trino: Client REST API). Parameters come as
EXECUTE IMMEDIATE … USING.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import duckdb

TYPES = {"BIGINT": "bigint", "INTEGER": "integer", "DOUBLE": "double", "BOOLEAN": "boolean",
         "HUGEINT": "bigint"}  # fmt: skip
IMMEDIATE = re.compile(r"EXECUTE IMMEDIATE '((?:[^']|'')*)'(?:\s+USING (.*))?$", re.DOTALL)


@contextmanager
def trino() -> Iterator[int]:
    """A server with the catalog `lake` and its schema `s`; its port."""
    database = duckdb.connect()
    database.execute("ATTACH ':memory:' AS lake; CREATE SCHEMA lake.s; USE lake.s")
    handler = type("Handler", (_Handler,), {"database": database, "results": {}})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        database.close()


class _Handler(BaseHTTPRequestHandler):
    database: duckdb.DuckDBPyConnection
    results: dict[str, dict[str, Any]]

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        number = str(len(self.results))
        self.results[number] = self._result(number, text)
        following = f"http://{self.headers['Host']}/v1/statement/executing/{number}"
        stats = {"state": "QUEUED"}
        self._answer({"id": number, "infoUri": "", "nextUri": following, "stats": stats})

    def do_GET(self) -> None:
        self._answer(self.results[self.path.rpartition("/")[2]])

    def do_DELETE(self) -> None:
        """A result that nobody reads to its end."""
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _result(self, number: str, text: str) -> dict[str, Any]:
        base = {"id": number, "infoUri": "", "stats": {"state": "FINISHED"}}
        try:
            cursor = self.database.execute(_with_parameters(text))
        except duckdb.Error as error:
            told = {"message": str(error), "errorCode": 1, "errorName": "SYNTAX_ERROR",
                    "errorType": "USER_ERROR"}  # fmt: skip
            return {**base, "error": told}
        columns = [_column(name, str(kind)) for name, kind, *_ in cursor.description or ()]
        return {**base, "columns": columns, "data": [list(row) for row in cursor.fetchall()]}

    def _answer(self, body: dict[str, Any]) -> None:
        data = json.dumps(body, default=str).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _column(name: str, kind: str) -> dict[str, Any]:
    named = TYPES.get(kind, "varchar")
    length = [{"kind": "LONG", "value": 2147483647}] if named == "varchar" else []
    return {"name": name, "type": named, "typeSignature": {"rawType": named, "arguments": length}}


def _with_parameters(text: str) -> str:
    found = IMMEDIATE.match(text)
    if not found:
        return text
    values = iter(_split(found[2] or ""))
    return re.sub(r"\?", lambda _: next(values), found[1].replace("''", "'"))


def _split(values: str) -> list[str]:
    """At commas outside quotes."""
    return [part.strip() for part in re.findall(r"(?:'(?:[^']|'')*'|[^,'])+", values)]
