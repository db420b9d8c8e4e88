"""How soon a started emulator answers, and what it holds when nothing happens.

Aims: under 0.5 s to the first answer, under 120 MB idle (resident, all of its processes).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from bench.measure import show, timed

ROOT = Path(__file__).parents[1]
ROUNDS = 7
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
    """Every service is there: an unknown path is answered only then."""
    subprocess.run(
        [sys.executable, "-c", f"import urllib.request as r; r.urlopen('{url}/nowhere')"],
        stderr=subprocess.DEVNULL,
        check=False,
    )


def tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in tree(int(child)))]


def held(pid: int, what: str) -> float:
    """MiB of one kind (Rss, Pss) over the process and those that it started."""
    total = 0
    for one in tree(pid):
        text = Path(f"/proc/{one}/smaps_rollup").read_text()
        total += int(text.partition(f"{what}:")[2].split()[0])
    return total / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        with started(data):
            pass
        times = []
        for _ in range(ROUNDS):
            with started(data) as (_process, seconds, _url):
                times.append(seconds)
        bare = timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
        show("bare python", bare)
        show("emulator, to its first answer", median(times), bare, "aim: ≤ 500 ms")
        with started(data) as (process, _, url):
            complete(url)
            time.sleep(2)  # what is imported beside the first answers has come to rest
            rss, pss = held(process.pid, "Rss"), held(process.pid, "Pss")
            count = len(tree(process.pid))
    print(f"  idle: {rss:.0f} MiB resident, {pss:.0f} its own, {count} processes (aim: ≤ 120)")


if __name__ == "__main__":
    main()
