"""The cloud of this machine: found running, or started as a process of its own.

The emulator is never imported: what works here works because of what goes over the wire.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deployer.errors import Unreachable

Json = Any
ELSEWHERE = "BLOCKLIFT_EMULATOR"
"""Environment variable: URL of an emulator that somebody else keeps (docker compose, tests)."""
HOME = ".blocklift"
PATIENCE = 90


@dataclass(frozen=True, slots=True)
class Running:
    """An emulator that answers."""

    url: str
    pid: int


def home(root: Path) -> Path:
    """Where the local target keeps what it keeps, out of git's sight."""
    folder = root / HOME
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return folder


def data(root: Path) -> Path:
    return root / HOME / "emulator"


def found(root: Path) -> Running | None:
    """The emulator of this project, if it runs and answers."""
    if url := os.environ.get(ELSEWHERE):
        told = health(url)
        if told is None:
            raise Unreachable(f"no emulator answers at {url}", f"unset {ELSEWHERE}, or start it")
        return Running(url.rstrip("/"), int(told["pid"]))
    try:
        announced = json.loads((data(root) / "emulator.json").read_text())
    except (OSError, ValueError):
        return None
    told = health(announced["url"])
    if told is None or Path(told.get("data", "")) != data(root).resolve():
        return None  # another project's emulator has taken the port since
    return Running(announced["url"], int(told["pid"]))


def started(root: Path) -> Running:
    """The emulator of this project, started if need be."""
    if running := found(root):
        return running
    home(root)
    command = ["start", "--detach", "--any-port", "--data", str(data(root))]
    result = emulator(command, capture_output=True, text=True, timeout=PATIENCE)
    running = found(root)
    if running is None:
        text = (result.stderr or result.stdout).strip()
        hint = f"its log is {data(root) / 'emulator.log'}"
        raise Unreachable(f"the emulator did not start: {text[-2000:]}", hint)
    return running


def emulator(arguments: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """`python -m emulator …` with this interpreter."""
    return subprocess.run([sys.executable, "-m", "emulator", *arguments], check=False, **options)


def stop(root: Path) -> bool:
    """Whether one was running."""
    if found(root) is None or os.environ.get(ELSEWHERE):
        return False
    emulator(["stop", "--data", str(data(root))], capture_output=True, timeout=PATIENCE)
    return True


def health(url: str) -> Mapping[str, Json] | None:
    try:
        told: Mapping[str, Json] = ask(url, "GET", "/emulator/v1/health", seconds=5)
    except (OSError, HTTPException, ValueError):
        return None
    return told if "pid" in told else None


def postgres(url: str) -> Mapping[str, Json]:
    """host, port, dbname, user, password of the embedded server, started if need be."""
    try:
        answer: Mapping[str, Json] = ask(url, "POST", "/emulator/v1/postgres:start", PATIENCE)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"the embedded Postgres did not start: {error}") from error
    if "password" not in answer:
        raise Unreachable(f"the embedded Postgres did not start: {message_of(answer)}")
    return answer


def use_postgres(url: str, database: str) -> None:
    """Another server than the embedded one, by its URL; `embedded`: that one again."""
    try:
        answer = ask(url, "POST", "/emulator/v1/postgres:use", PATIENCE, {"url": database})
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"the emulator did not answer: {error}") from error
    if "error" in answer:
        raise Unreachable(message_of(answer))


def message_of(answer: Mapping[str, Json]) -> str:
    return str((answer.get("error") or {}).get("message") or answer)


def ask(url: str, method: str, path: str, seconds: float, body: Json = None) -> Json:
    """One JSON call of the emulator's own; nothing is imported for it that takes long."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=seconds)
    try:
        sent = b"" if body is None else json.dumps(body).encode()
        connection.request(method, path, sent, {"content-length": str(len(sent))})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
