"""`python -m studio.server PROJECT`: serve Studio on this machine and say where."""

from __future__ import annotations

import argparse
import errno
import getpass
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn

from studio.server.app import build
from studio.server.events import Events
from studio.server.guard import Pass
from studio.server.login import Login
from studio.server.password import SHORTEST, Hashed
from studio.server.session import Session

HOST = "127.0.0.1"
PORT = 6789
PASSWORD = "BLOCKLIFT_STUDIO_PASSWORD"  # noqa: S105  # the name of a variable
WARNING = (
    "Studio: http://{host}:{port}/ asks for the password.\n"
    "Warning: this is not encrypted. Whoever can read this network's traffic can read the password"
    " and all that Studio shows, and whoever knows it can run code on this machine."
    " Put a proxy with TLS before it, or use an SSH tunnel instead."
)
GRACE = 1
"""Seconds that an open page's stream of events may hold up the end."""


ENDING = {signal.SIGINT, signal.SIGTERM}


class Server(uvicorn.Server):
    """Whoever reads the address may end Studio at once, before anybody listens for signals; and
    pages that are open do not hold up its end.
    """

    def __init__(self, config: uvicorn.Config, events: Events) -> None:
        super().__init__(config)
        self.events = events

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.events.end()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        await super().startup(sockets)


def main() -> None:
    options = arguments()
    login = shared(options) if options.host != HOST else None
    with opened(options.host, options.port) as door:
        port = door.getsockname()[1]
        guard = door_of(options.host, port, login)
        session = Session(options.project, options.target)
        app = build(session, guard)
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        if login:
            print(WARNING.format(host=options.host, port=port), flush=True)
        else:
            print(f"Studio: http://{HOST}:{port}/?token={guard.token}", flush=True)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE
        )
        with suppress(KeyboardInterrupt):
            Server(config, session.events).run(sockets=[door])
        os._exit(0)  # threads that wait for a cloud, as a deployment's do, would hold it up


def shared(options: argparse.Namespace) -> Login:
    """Beyond this machine only with a password, which is asked for and never an argument's value:
    other users see arguments.
    """
    if not options.password:
        options.refuse("--host needs --password: whoever reaches Studio can run code here")
    password = os.environ.get(PASSWORD) or getpass.getpass("Password for Studio: ")
    if len(password) < SHORTEST:
        options.refuse(f"a password of at least {SHORTEST} characters")
    return Login(Hashed.of(password))


def door_of(host: str, port: int, login: Login | None) -> Pass:
    here = Pass.on(port)
    if login is None:
        return here
    every = host in {"0.0.0.0", "::"}  # noqa: S104  # what the user asked for
    bracketed = f"[{host}]" if ":" in host else host
    names = here.hosts | {f"{bracketed}:{port}", f"{socket.gethostname()}:{port}"}
    return Pass(names, login=login, port=port if every else 0)


def opened(host: str, port: int) -> socket.socket:
    """The wanted port, or another one and a word about it when somebody else has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"Port {port} is taken; Studio uses another one.", flush=True)
        return socket.create_server((host, 0), family=family)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="blocklift studio", description=__doc__)
    parser.add_argument("project", type=Path, nargs="?", default=Path())
    parser.add_argument("--target", default="local")
    parser.add_argument("--port", type=int, default=PORT, help="0: any")
    parser.add_argument("--host", default=HOST, help="share beyond this machine; needs --password")
    parser.add_argument(
        "--password", action="store_true", help=f"ask for it, or read it from {PASSWORD}"
    )
    parser.set_defaults(refuse=parser.error)
    return parser.parse_args()


if __name__ == "__main__":
    main()
