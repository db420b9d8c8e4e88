"""What was deployed when, by whom, and all that it takes to go back to it.

Kept in the target's own bucket, below `deployments/<project>/`:

000007.json        written before anything is changed: who, when, from which commit, what for
000007.done.json   written when all went well: each function's revision, each definition
files/<digest>     bundles and definitions, each once
lock.json          while somebody deploys (`deployer.deployments.lock`)

Nothing here is needed to plan or to deploy: what a target holds is read from the target.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deployer.deployments.archive import packed, unpacked
from deployer.deployments.history import Deployment, Kept, Thing
from deployer.deployments.lock import Notes, user
from deployer.errors import CloudError
from deployer.resources import Function

FOLDER = "deployments"
NUMBER = re.compile(r"/(\d{6})(\.done)?\.json$")
WORKERS = 8


class Journal:
    """The deployments of one project in one target."""

    def __init__(self, notes: Notes, owner: str) -> None:
        self.notes = notes
        self.folder = f"{FOLDER}/{owner}"

    @property
    def lock(self) -> str:
        return f"{self.folder}/lock.json"

    def numbers(self) -> dict[int, bool]:
        """Number → whether it ended well, in order."""
        found = map(NUMBER.search, self.notes.names(f"{self.folder}/0"))
        told: dict[int, bool] = {}
        for match in filter(None, found):
            told[int(match[1])] = told.get(int(match[1]), False) or bool(match[2])
        return told

    def newest(self) -> int:
        return max(self.numbers(), default=0)

    def ended_well(self) -> bool:
        """Whether the newest did; also when there is none."""
        numbers = self.numbers()
        return not numbers or numbers[max(numbers)]

    def begin(self, draft: Deployment) -> Deployment:
        """Take the next number."""
        deployment = replace(draft, number=self.newest() + 1)
        while not self.begun(deployment):
            deployment = replace(deployment, number=deployment.number + 1)
        return deployment

    def begun(self, deployment: Deployment) -> bool:
        """Written now, or by a call of ours whose answer was lost."""
        name, data = self.name(deployment.number), packed(deployment)
        return bool(self.notes.create(name, data)) or self.notes.read(name) == data

    def finish(self, deployment: Deployment) -> None:
        """Keep all that is needed to come back, then say that it went well."""
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self.keep, contents(deployment.things)))
        ended = replace(deployment, ended=moment())
        self.notes.create(self.name(deployment.number, ".done"), packed(ended))

    def keep(self, content: tuple[str, Callable[[], bytes]]) -> None:
        digest, data = content
        self.notes.create(self.file(digest), data())

    def read(self, number: int, done: bool = True) -> Deployment | None:
        data = self.notes.read(self.name(number, ".done" if done else ""))
        return unpacked(data, self.fetch) if data else None

    def list(self, most: int) -> Sequence[Deployment]:
        """Newest first."""
        numbers = sorted(self.numbers().items(), reverse=True)[:most]
        with ThreadPoolExecutor(WORKERS) as pool:
            found = pool.map(lambda pair: self.read(*pair), numbers)
            return [one for one in found if one]

    def last(self) -> Deployment | None:
        """The newest that went well."""
        well = [number for number, done in self.numbers().items() if done]
        return self.read(max(well)) if well else None

    def fetch(self, digest: str) -> bytes:
        found = self.notes.read(self.file(digest))
        if found is None:
            hint = "deploy the project's files of that time instead"
            raise CloudError(f"what deployment files/{digest[:12]} kept is gone", hint)
        return found

    def name(self, number: int, suffix: str = "") -> str:
        return f"{self.folder}/{number:06}{suffix}.json"

    def file(self, digest: str) -> str:
        return f"{self.folder}/files/{digest}"


def contents(things: Iterable[Thing]) -> list[tuple[str, Callable[[], bytes]]]:
    """Digest and bytes of all that a deployment needs beside its record, fetched ones aside."""
    bundles = (t.resource.bundle for t in things if isinstance(t.resource, Function))
    return [(b.digest, b.zip_bytes) for b in bundles if not isinstance(b, Kept)]


def draft(root: Path, purpose: str, changes: Sequence[str], back_to: int = 0) -> Deployment:
    return Deployment(
        0, moment(), user(), commit_of(root), purpose, back_to=back_to, changes=tuple(changes)
    )


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def commit_of(root: Path) -> str:
    """Short name of git's HEAD; nothing where there is no git or no repository."""
    head = git(root, "rev-parse", "--short=12", "HEAD")
    dirty = head and git(root, "status", "--porcelain", "--untracked-files=no", ".")
    return f"{head}+" if dirty else head


def git(root: Path, *words: str) -> str:
    try:
        told = subprocess.run(
            ["git", "-C", str(root), *words],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""
