"""A source archive becomes a folder, and nothing outside that folder.

Cloud Functions: "Quotas", source size; what the archive says about itself is not believed.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from emulator.host.errors import BuildError

MAX_PACKED = 100 * 10**6
MAX_UNPACKED = 500 * 10**6
MAX_FILES = 20_000


def unpack(archive: Path, folder: Path) -> None:
    """Into `folder`, which must not exist; files are readable by their owner only."""
    if archive.stat().st_size > MAX_PACKED:
        raise BuildError("The source archive is larger than 100 MB.")
    try:
        with zipfile.ZipFile(archive) as source:
            entries = source.infolist()
            check(entries)
            folder.mkdir(mode=0o700, parents=True)
            for entry in entries:
                extract(source, entry, folder)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise BuildError(f"The source archive is not a readable zip file: {error}") from None


def check(entries: list[zipfile.ZipInfo]) -> None:
    problems = [problem for entry in entries if (problem := problem_of(entry))]
    if len(entries) > MAX_FILES:
        problems.append(f"The source archive holds more than {MAX_FILES} files.")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        problems.append("The source is larger than 500 MB when unpacked.")
    if problems:
        raise BuildError("\n".join(problems))


def problem_of(entry: zipfile.ZipInfo) -> str | None:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or not path.parts:
        return f"The source archive holds a path that leaves it: {entry.filename!r}"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return f"The source archive holds something that is no file: {entry.filename!r}"
    if entry.flag_bits & 1:
        return f"The source archive holds an encrypted file: {entry.filename!r}"
    return None


def extract(source: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    path = folder / entry.filename
    if entry.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with source.open(entry) as packed, path.open("xb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
    except (FileExistsError, IsADirectoryError, NotADirectoryError):
        message = f"The source archive holds {entry.filename!r} twice."
        raise BuildError(message) from None
    path.chmod(0o400)
