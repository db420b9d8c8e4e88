"""`python -m studio.server PROJECT`: serve Studio on this machine and say where."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from studio.server.app import build
from studio.server.guard import Pass
from studio.server.session import Session

PORT = 6789


def main() -> None:
    options = arguments()
    door = Pass.on(options.port)
    app = build(Session(options.project, options.target), door)
    print(f"Studio: http://127.0.0.1:{options.port}/?token={door.token}", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="blocklift studio", description=__doc__)
    parser.add_argument("project", type=Path, nargs="?", default=Path())
    parser.add_argument("--target", default="local")
    parser.add_argument("--port", type=int, default=PORT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
