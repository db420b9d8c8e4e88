"""As whom the server runs, and how that account reaches programs and data.

Postgres refuses to run as root. For root it runs as `nobody`, who owns the data folder and
nothing else; no folder on the way there is opened to others. The server gets its data
folder as an open directory (`/proc/self/fd/N`), which needs no permission on the folders
above it; programs that `nobody` may not read are copied once, by version, to /var/tmp.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from emulator.postgres.binaries import Binaries
from emulator.postgres.errors import Broken

COPIES = Path("/var/tmp")  # noqa: S108 - only folders that root owns are used in it
_NOT_NEEDED = shutil.ignore_patterns("*.a", "include", "pkgconfig", "pgxs", "man", "doc")


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server; uid -1 is whoever runs the emulator."""

    uid: int = -1
    gid: int = -1

    @property
    def other(self) -> bool:
        return self.uid >= 0

    def own(self, file: int | Path) -> None:
        if self.other:
            os.chown(file, self.uid, self.gid)


def current() -> Account:
    """`nobody` for root, ourselves for anybody else."""
    if os.geteuid() != 0:
        return Account()
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


@contextmanager
def handed_over(account: Account, folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(path that the server can use, file descriptors it must inherit)."""
    if not account.other or not Path("/proc/self/fd").exists():
        yield str(folder), ()
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}", (opened,)
    finally:
        os.close(opened)


def reachable(account: Account, binaries: Binaries, copies: Path = COPIES) -> Binaries:
    """The same programs where this account may run them."""
    if not account.other or _open_to_others(binaries.bin / "postgres"):
        return binaries
    home = copies / f"blocklift-postgres-{_version(binaries)}"
    if not home.exists():
        _copy(binaries, home)
    _trust(home)
    return replace(binaries, root=home / "package" / binaries.root.name)


def _version(binaries: Binaries) -> str:
    """Major version and what tells one build from another."""
    facts = (binaries.bin / "postgres").stat()
    return f"{binaries.major}-{facts.st_size:x}-{int(facts.st_mtime):x}"


def _open_to_others(program: Path) -> bool:
    real = program.resolve()
    may_run = all(folder.stat().st_mode & stat.S_IXOTH for folder in (real, *real.parents))
    return may_run and bool(real.stat().st_mode & stat.S_IROTH)


def _copy(binaries: Binaries, home: Path) -> None:
    """Complete or not at all: made beside, then renamed."""
    work = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    shutil.copytree(binaries.root, work / "package" / binaries.root.name, ignore=_NOT_NEEDED)
    if binaries.libraries:
        shutil.copytree(binaries.libraries, work / binaries.libraries.name)
    _open_up(work)
    try:
        work.rename(home)
    except OSError:  # somebody else was faster
        shutil.rmtree(work)


def _open_up(work: Path) -> None:
    for path in (work, *work.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if runs else 0o644)


def _trust(home: Path) -> None:
    """Anyone may make folders in /var/tmp: run programs only from one that root made."""
    facts = home.lstat()
    mine = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid()
    if not mine or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Broken(f"{home} is not root's", home, "remove it and start again")
