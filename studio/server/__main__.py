"""`python -m studio.server PROJECT`: serve Studio on this machine and say where."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

import uvicorn

from studio.server.app import build
from studio.server.guard import Pass
from studio.server.session import Session

HOST = "127.0.0.1"
PORT = 6789


def main() -> None:
    options = arguments()
    with socket.create_server((HOST, options.port)) as door:
        port = door.getsockname()[1]
        guard = Pass.on(port)
        app = build(Session(options.project, options.target), guard)
        print(f"Studio: http://{HOST}:{port}/?token={guard.token}", flush=True)
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[door])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="blocklift studio", description=__doc__)
    parser.add_argument("project", type=Path, nargs="?", default=Path())
    parser.add_argument("--target", default="local")
    parser.add_argument("--port", type=int, default=PORT, help="0: any")
    return parser.parse_args()


if __name__ == "__main__":
    main()
