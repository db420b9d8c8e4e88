"""How soon a started emulator answers, and what it holds when nothing happens.

Aims: under 0.5 s to the first answer, under 120 MB idle (resident, all of its processes together;
"its own" counts what processes share only once). Idle is after every service and the gRPC port
have answered. On a busy machine the seconds say little: the processor time beside them is the
emulator's own.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from bench.measure import held, processor, show, timed, tree

ROOT = Path(__file__).parents[1]
ROUNDS = 7
PATIENCE = 120
COMMAND = [sys.executable, "-m", "emulator", "start", "--port=0", "--grpc-port=0"]


@contextmanager
def started(data: str) -> Iterator[tuple[subprocess.Popen[str], float, str]]:
    """The process, the seconds until it answered, and where it is."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, f"--data={data}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        url = process.stdout.readline().split()[2].rstrip(",")
        health(url)
        yield process, time.perf_counter() - began, url
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def health(url: str) -> dict[str, object]:
    with urlopen(f"{url}/emulator/v1/health") as answer:
        told: dict[str, object] = json.load(answer)
    return told


def complete(url: str) -> None:
    """Every service is there, and the gRPC port, which opens last."""
    until(lambda: bool(health(url)["complete"]))
    host, _, port = str(health(url)["grpc"]).rpartition(":")
    until(lambda: socket.socket().connect_ex((host, int(port))) == 0)


def until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError("the emulator was not complete in time")
        time.sleep(0.05)


def with_postgres(url: str) -> None:
    with urlopen(Request(f"{url}/emulator/v1/postgres:start", data=b"{}", method="POST")) as answer:
        answer.read()


def settled(pid: int) -> None:
    """What is imported beside the first answers has come to rest."""
    before = -1.0
    while before != (now := processor(pid)):
        before = now
        time.sleep(1)


def idle(label: str, pid: int) -> None:
    settled(pid)
    rss, pss, count = held(pid, "Rss"), held(pid, "Pss"), len(tree(pid))
    told = f"{rss:.0f} MiB resident, {pss:.0f} its own, {count} processes"
    print(f"  idle, {label}: {told} (aim: ≤ 120)", flush=True)


def first_answers(data: str) -> None:
    with started(data) as (_, _, url):  # keys and tables are made once
        complete(url)
    times, taken = [], []
    for _ in range(ROUNDS):
        with started(data) as (process, seconds, url):
            taken.append(processor(process.pid))
            times.append(seconds)
            complete(url)
    bare = timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    show("bare python", bare)
    show("emulator, to its first answer", median(times), bare, "aim: ≤ 500 ms")
    show("  of that, its processor time", median(taken))


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        first_answers(data)
        with started(data) as (process, _, url):
            complete(url)
            idle("without Postgres", process.pid)
            with_postgres(url)
            idle("with Postgres started", process.pid)


if __name__ == "__main__":
    main()
