"""`python -m studio.server PROJECT`: serve Studio on this machine and say where."""

from __future__ import annotations

import argparse
import errno
import socket
from contextlib import suppress
from pathlib import Path

import uvicorn

from studio.server.app import build
from studio.server.guard import Pass
from studio.server.session import Session

HOST = "127.0.0.1"
PORT = 6789
GRACE = 1
"""Seconds that an open page's stream of events may hold up the end."""


def main() -> None:
    options = arguments()
    with opened(options.port) as door:
        port = door.getsockname()[1]
        guard = Pass.on(port)
        app = build(Session(options.project, options.target), guard)
        print(f"Studio: http://{HOST}:{port}/?token={guard.token}", flush=True)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[door])


def opened(port: int) -> socket.socket:
    """The wanted port, or another one and a word about it when somebody else has it."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"Port {port} is taken; Studio uses another one.", flush=True)
        return socket.create_server((HOST, 0))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="blocklift studio", description=__doc__)
    parser.add_argument("project", type=Path, nargs="?", default=Path())
    parser.add_argument("--target", default="local")
    parser.add_argument("--port", type=int, default=PORT, help="0: any")
    return parser.parse_args()


if __name__ == "__main__":
    main()
