"""Copies of all that an emulator holds, taken while it stands still.

<data>/snapshots/<name>/   everything of <data> but the snapshots, the claim on it and the log
A copy is whole before it gets its name, and a folder is whole before it takes the old one's place.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

FOLDER = "snapshots"
INCOMING, OUTGOING = ".incoming", ".outgoing"
LEFT_ALONE = frozenset(
    {FOLDER, INCOMING, OUTGOING, "emulator.json", "emulator.lock", "emulator.log"}
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class SnapshotError(Exception):
    """Somebody asked for a snapshot that cannot be."""


def names(data: Path) -> list[str]:
    folder = data / FOLDER
    return (
        sorted(p.name for p in folder.iterdir() if _NAME.fullmatch(p.name))
        if folder.is_dir()
        else []
    )


def save(data: Path, name: str) -> None:
    """Replaces one of the same name."""
    target = _place(data, name)
    part = target.with_name(f".{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    _copy(list(_entries(data)), part)
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def load(data: Path, name: str) -> None:
    source = _existing(data, name)
    incoming, outgoing = data / INCOMING, data / OUTGOING
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
        leftover.mkdir(mode=0o700)
    _copy(list(source.iterdir()), incoming)
    for entry in list(_entries(data)):
        entry.rename(outgoing / entry.name)
    for entry in list(incoming.iterdir()):
        entry.rename(data / entry.name)
    incoming.rmdir()
    shutil.rmtree(outgoing, ignore_errors=True)


def delete(data: Path, name: str) -> None:
    shutil.rmtree(_existing(data, name))


def check(data: Path, verb: str, name: str) -> None:
    """Before anything is stopped for it."""
    if verb in ("load", "delete"):
        _existing(data, name)
    else:
        _place(data, name)


def _place(data: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise SnapshotError(f"{name!r} is no name: letters, digits, dots, hyphens, underscores")
    return data / FOLDER / name


def _existing(data: Path, name: str) -> Path:
    place = _place(data, name)
    if not place.is_dir():
        raise SnapshotError(f"there is no snapshot {name!r} ({', '.join(names(data)) or 'none'})")
    return place


def _entries(data: Path) -> Iterator[Path]:
    return (entry for entry in data.iterdir() if entry.name not in LEFT_ALONE)


def _copy(entries: list[Path], into: Path) -> None:
    """With owners, modes and links: Postgres refuses files that are not its account's."""
    if entries:
        words = ["cp", "-a", *map(str, entries), str(into)]
        subprocess.run(words, check=True)
