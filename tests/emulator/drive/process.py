"""A real emulator in a process of its own, to be killed and started again."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[3]


class Emulator:
    """A process that is started, killed and started again on the same data and port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port, self.grpc = free_port(), free_port()
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "emulator", "start", "--data", str(self.data)]
        command += ["--port", str(self.port), "--grpc-port", str(self.grpc)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert "emulator at" in self.process.stdout.readline()

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    def ask(self, method: str, path: str, body: object = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        url = f"http://127.0.0.1:{self.port}/{path}"
        with urlopen(Request(url, data, headers, method=method), timeout=10) as answer:
            return json.load(answer)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def emulator(data: Path) -> Iterator[Emulator]:
    found = Emulator(data)
    try:
        yield found
    finally:
        if found.process:
            found.kill()
