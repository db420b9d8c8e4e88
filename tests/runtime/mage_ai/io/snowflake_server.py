"""Snowflake's protocol over DuckDB: fakesnow's server, whose clients are Snowflake's own.

Tables and stages that statements of `write_pandas` bind, as in `identifier(?)`, reach it written
out: it knows them only so. Run as a program, it prints its port and
serves until it is ended.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

BOUND = re.compile(r"identifier\(\?\)|\?")
STAGE = re.compile(r"'(@[^']+)'")
BULK = ("PUT ", "pandas_tools")
"""Of statements by which `write_pandas` works."""


@contextmanager
def snowflake() -> Iterator[int]:
    """In a process of its own, as its databases are the process's; its port."""
    command = [sys.executable, "-W", "ignore", __file__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline())
        finally:
            child.terminate()


def written_out(asked: dict[str, Any]) -> dict[str, Any]:
    """The same statement with the names that were bound in their places."""
    text, given = asked["sqlText"], asked.get("bindings") or {}
    if not any(sign in text for sign in BULK):
        return asked
    values = (given[str(n)]["value"] for n in range(1, len(given) + 1))
    text = STAGE.sub(lambda found: found[1].replace('"', ""), text)
    text = BOUND.sub(lambda _: next(values), text)
    return {**asked, "sqlText": text, "bindings": None}


class _Names:
    """ASGI: the bodies of queries are rewritten on their way to the application."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/queries/v1/query-request":
            return await self.app(scope, receive, send)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        packed = dict(scope["headers"]).get(b"content-encoding") == b"gzip"
        text = json.dumps(written_out(json.loads(gzip.decompress(body) if packed else body)))
        ready = gzip.compress(text.encode()) if packed else text.encode()

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": ready, "more_body": False}

        return await self.app(scope, again, send)


def _serve() -> None:
    import uvicorn
    from fakesnow.server import app

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(_Names(app), log_level="critical")
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    _serve()
