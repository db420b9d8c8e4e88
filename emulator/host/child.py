"""One function instance, or one attempt of a job's task: what a fork of a zygote becomes.

It serves the user's function by functions-framework's own WSGI application. The frames of
`wire` take the place of HTTP between host and instance: no parsing, and nothing to smuggle.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import random
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from emulator.host import task, wire
from emulator.host.asgi import AsgiDoor
from emulator.host.guard import Guard

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

PR_SET_PDEATHSIG = 1
MAX_ANSWER = 32 << 20
"""Cloud Run: "Quotas and limits", response of HTTP/1 without streaming."""


def main(descriptors: list[int], finder: Guard) -> NoReturn:
    """Never returns: not even an error may run the zygote's code in a child."""
    channel_fd, out_fd, err_fd = descriptors
    code = 1
    try:
        channel = socket.socket(fileno=channel_fd)
        take_over_output(out_fd, err_fd)
        die_with_parent()
        config, _ = wire.read_frame(channel)
        if "command" in config:
            code = perform(channel, config, finder)
        elif (app := start(channel, config, finder)) is not None:
            accept(channel, app)
            code = 0
    except BaseException:  # noqa: BLE001 - the end of this process either way
        traceback.print_exc()
    finally:
        flush()
        os._exit(code)


def take_over_output(out_fd: int, err_fd: int) -> None:
    for source, target in ((out_fd, 1), (err_fd, 2)):
        os.dup2(source, target)
        os.close(source)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 - lasts as long as the process
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 - lasts as long as the process


def die_with_parent() -> None:
    """Linux only; elsewhere the end of the channel does it, a little later."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def start(channel: socket.socket, config: dict[str, Any], finder: Guard) -> App | None:
    """Import the user's code; says on the channel how that went."""
    try:
        app = load(config, finder)
    except BaseException as error:  # noqa: BLE001 - whatever the user's module raises
        explain(error, finder)
        flush()
        text = traceback.format_exception_only(error)[-1].strip()
        channel.sendall(wire.frame({"error": text}))
        return None
    flush()
    channel.sendall(wire.frame({"ready": os.getpid()}))
    return app


def perform(channel: socket.socket, config: dict[str, Any], finder: Guard) -> int:
    """Run a job's command to its end; the code that the process ends with."""
    settle(config, finder)
    channel.sendall(wire.frame({"ready": os.getpid()}))
    try:
        code = task.run(config["command"])
    except BaseException as error:  # noqa: BLE001 - whatever the user's program raises
        explain(error, finder)
        code = 1
    task.wind_up()
    return code


def settle(config: dict[str, Any], finder: Guard) -> None:
    """From here on the process has the user's environment, libraries and source."""
    os.environ.clear()
    os.environ.update(config["environment"])
    time.tzset()
    reseed()
    finder.allow(config["roots"], config["names"])
    finder.forget(config["forget"])
    os.chdir(config["source"])


def load(config: dict[str, Any], finder: Guard) -> App:
    settle(config, finder)
    from functions_framework import create_app

    make: Callable[..., Any] = create_app
    app = make(config["target"], f"{config['source']}/{config['file']}")
    return app if hasattr(app, "wsgi_app") else AsgiDoor(app)


def reseed() -> None:
    """A fork copies the state of random generators: siblings must not draw alike."""
    random.seed()
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()


def explain(error: BaseException, finder: Guard) -> None:
    traceback.print_exception(error)
    missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
    if missing in finder.refused:
        print(
            f"hint: {missing} is installed on this machine, but requirements.txt does not ask "
            "for it, so the function would not find it in the cloud either",
            file=sys.stderr,
        )


def accept(channel: socket.socket, app: App) -> None:
    """A new connection comes as a descriptor on the channel; its end is ours."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not data:
            return
        connection = socket.socket(fileno=descriptors[0])
        threading.Thread(target=serve, args=(connection, app), daemon=True).start()


def serve(connection: socket.socket, app: App) -> None:
    """One request after the other, until the host closes the connection."""
    with connection, contextlib.suppress(EOFError, ConnectionError):
        while True:
            meta, body = wire.read_frame(connection)
            answer = respond(app, environ_of(meta, body))
            flush()
            connection.sendall(answer)


def environ_of(meta: list[Any], body: bytes) -> dict[str, Any]:
    method, target, headers = meta
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "SERVER_NAME": "0.0.0.0",  # noqa: S104 - what gunicorn says inside Cloud Run
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "169.254.1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    return environ


def respond(app: App, environ: dict[str, Any]) -> bytes:
    said: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        said[:] = [int(status[:3]), headers]

    try:
        chunks = app(environ, start_response)
        body = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close:
            close()
    except BaseException:  # noqa: BLE001 - one broken request must not end its neighbours
        traceback.print_exc()
        return wire.frame([500, [["Content-Type", "text/plain"]]], b"Internal Server Error")
    if len(body) > MAX_ANSWER:
        print("The response was too large: more than 32 MiB.", file=sys.stderr)
        return wire.frame([500, [["Content-Type", "text/plain"]]], b"Internal Server Error")
    return wire.frame(said, body)


def flush() -> None:
    """What was printed before an answer is in the log before the answer arrives."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def warm() -> None:
    """Run one request through an application of our own, so that lazy imports are done."""
    with contextlib.suppress(ImportError):
        import flask

        app = flask.Flask("warm")
        app.add_url_rule("/", view_func=lambda: "")
        respond(app, environ_of(["GET", "/", {}], b""))
