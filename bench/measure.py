"""What benchmarks share: times, medians, ratios, and a bare functions-framework to beat."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_of(times: int, work: Callable[[], float]) -> float:
    return median(work() for _ in range(times))


def processor(pid: int) -> float:
    """Seconds of processor time that one process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in tree(int(child)))]


def held(pid: int, what: str) -> float:
    """MiB of one kind (Rss, Pss) over the process and those that it started."""
    return sum(_kilobytes(one, what) for one in tree(pid)) / 1024


def _kilobytes(pid: int, what: str) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (ProcessLookupError, FileNotFoundError):  # it ended meanwhile
        return 0
    return int(text.partition(f"{what}:")[2].split()[0])


def show(label: str, seconds: float, beside: float | None = None, aim: str = "") -> None:
    ratio = f"{seconds / beside:6.2f} ×" if beside else " " * 8
    print(f"  {label:<58} {seconds * 1000:9.1f} ms {ratio}  {aim}".rstrip(), flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def framework(source: Path, target: str, port: int) -> list[str]:
    """The command that Google's buildpack starts a function with."""
    serve = "from functions_framework._cli import _cli; _cli()"
    flags = ["--target", target, "--source", str(source), "--port", str(port)]
    return [sys.executable, "-c", serve, *flags, "--host", "127.0.0.1"]


@contextmanager
def serving(
    source: Path, target: str, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A function in a process of its own, which may not have answered yet; yields its port."""
    port = free_port()
    process = subprocess.Popen(
        framework(source, target, port),
        cwd=source.parent,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


def first_answer(port: int, body: bytes = b"{}", patience: float = 30.0) -> bytes:
    """Ask until somebody listens."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return ask(HTTPConnection("127.0.0.1", port, timeout=patience), body)
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.002)


def ask(connection: HTTPConnection, body: bytes = b"{}") -> bytes:
    connection.request("POST", "/", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {told[:500].decode(errors='replace')}")
    return told


def each(calls: Sequence[Callable[[], float]], rounds: int) -> list[float]:
    """Medians of several measurements taken in turn, so that a busy moment hits all alike."""
    taken = [[call() for call in calls] for _ in range(rounds)]
    return [median(column) for column in zip(*taken, strict=True)]
