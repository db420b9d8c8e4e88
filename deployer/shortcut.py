"""Nothing has changed since the last run: told by file times, confirmed by the live seal.

A plan reads and digests every file; a second run of an unchanged project need not. What is
remembered here is no state of the target: if it is lost or wrong, a plan is made as always.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = Any
FILE = "unchanged.json"
TOOL = Path(__file__).parents[1]
PACKAGES = ("deployer", "runtime")
IGNORED = frozenset({".blocklift", ".git", ".venv", "__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Of one project in one target."""

    root: Path
    home: Path
    """Folder in which to remember."""
    target: Json
    """Whatever tells the target from others, and its emulator from an earlier one."""
    seal: Callable[[str], str]
    """The seal of a live workflow, by its name."""
    environment: Mapping[str, str]

    def holds(self, workflow: str) -> bool:
        """Whether a plan for this workflow would find nothing to do."""
        found = self.remembered().get(workflow)
        if not found or found["print"] != self.fingerprint(found["settings"]):
            return False
        return bool(found["seal"]) and self.seal(workflow) == found["seal"]

    def remember(self, workflow: str, settings: Iterable[str], taken: str) -> None:
        """`taken` is the fingerprint from before the plan: later saves are not vouched for."""
        entry = {"print": taken, "settings": sorted(settings), "seal": self.seal(workflow)}
        told = json.dumps({**self.remembered(), workflow: entry})
        beside = self.home / f"{FILE}.{os.getpid()}"
        beside.write_text(told)
        beside.replace(self.home / FILE)

    def remembered(self) -> dict[str, Json]:
        try:
            found = json.loads((self.home / FILE).read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def fingerprint(self, settings: Iterable[str]) -> str:
        """Of all files by time and size, of the settings' values, of the target and of us."""
        parts = [json.dumps(self.target, sort_keys=True, default=str)]
        parts += [f"{name}={self.environment.get(name)}" for name in sorted(settings)]
        parts += sorted(line for place in self.places() for line in stamps(place))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def places(self) -> Iterator[Path]:
        yield self.root
        yield from (TOOL / package for package in PACKAGES)


def stamps(folder: Path) -> Iterator[str]:
    """A line for each file: its path, time and size."""
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name in IGNORED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    stat = entry.stat(follow_symlinks=entry.is_file())
                    yield f"{entry.path} {stat.st_mtime_ns} {stat.st_size}"
