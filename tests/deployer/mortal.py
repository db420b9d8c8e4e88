"""A program that deploys in a process of its own each time, so that it can be killed.

For each line on standard input, an owner, a packaging and the number of a story, it forks; the
child says its process id, waits for a word, and deploys. Then comes how it ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deployer.sites import settle, site, stories

ROOT = Path(__file__).parents[2]


def main(url: str) -> None:
    warm()
    print("ready", flush=True)
    while line := said():
        child = os.fork()
        if not child:
            one(url, *line.split())
        print(child, flush=True)
        os.write(1, f"{os.waitpid(child, 0)[1]}\n".encode())


def one(url: str, owner: str, packaging: str, story: str) -> None:
    said()
    of = site(url, owner, packaging=packaging)
    os._exit(not settle(of, stories(of)[int(story)]))


def said() -> str:
    """Unbuffered: parent and child read from the same pipe."""
    line = b""
    while not line.endswith(b"\n"):
        if not (byte := os.read(0, 1)):
            return ""
        line += byte
    return line.decode().strip()


def warm() -> None:
    """What the children would import, each by itself."""
    import google.cloud.functions_v2
    import google.cloud.run_v2
    import google.cloud.secretmanager_v1
    import google.cloud.storage
    import google.cloud.workflows_v1  # noqa: F401


class Mortal:
    """The other end of it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.ready = False

    def begin(self, *words: object) -> int:
        """The process that waits to deploy."""
        if not self.ready:
            assert self.heard() == "ready"
            self.ready = True
        self.say(" ".join(map(str, words)))
        return int(self.heard())

    def go(self) -> bool:
        """Whether it went well; a killed one did not."""
        self.say("go")
        return self.heard() == "0"

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def heard(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@contextmanager
def mortal(url: str) -> Iterator[Mortal]:
    command = [sys.executable, "-m", "tests.deployer.mortal", url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        try:
            yield Mortal(process)
        finally:
            assert process.stdin
            process.stdin.close()


if __name__ == "__main__":
    main(sys.argv[1])
