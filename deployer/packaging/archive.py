"""Several bundles as one archive, of which one image is built (Google's buildpacks).

main.py                 what the image serves if it is told nothing
requirements.txt        of all bundles
runtime/                once
bundles/<function>/     the rest of each bundle; its main.py finds the runtime above it
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from deployer.bundle import RUNTIME, Bundle, zipped
from deployer.code.listing import bare

FOLDER = "bundles"
MAIN = "main.py"
REQUIREMENTS = "requirements.txt"
FIRST = """\
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
"""
"""Google starts a service in the archive's folder, but looks for modules beside its main.py."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The source of one image."""

    names: tuple[str, ...]
    """Functions whose bundles are in it."""
    files: Mapping[str, bytes]

    def zip_bytes(self) -> bytes:
        return zipped(self.files)


def folder(function: str) -> str:
    """Of a function's bundle, in the image."""
    return f"{FOLDER}/{function}"


def source(function: str) -> str:
    return f"{folder(function)}/{MAIN}"


def archived(bundles: Sequence[Bundle]) -> list[Archive]:
    """As few archives as can be: bundles that ask for other versions, or have another runtime
    (as those of earlier deployments may), come into one of their own.
    """
    groups: list[list[tuple[Bundle, Mapping[str, bytes]]]] = []
    for bundle in sorted(bundles, key=lambda one: one.name):
        one = (bundle, files_of(bundle))
        fitting = next((g for g in groups if all(agree(one[1], other) for _, other in g)), None)
        if fitting is None:
            groups.append([one])
        else:
            fitting.append(one)
    return [joined(group) for group in groups]


def joined(group: Sequence[tuple[Bundle, Mapping[str, bytes]]]) -> Archive:
    first = group[0][1]
    files = {path: content for path, content in first.items() if path.startswith(RUNTIME)}
    files[MAIN] = first[MAIN]
    files[REQUIREMENTS] = together([content for _, one in group for content in lines(one)])
    for bundle, one in group:
        files |= dict(placed(bundle.name, one))
    return Archive(tuple(bundle.name for bundle, _ in group), dict(sorted(files.items())))


def placed(name: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for path, content in files.items():
        if path == MAIN:
            yield source(name), FIRST.encode() + content
        elif path != REQUIREMENTS and not path.startswith(RUNTIME):
            yield f"{folder(name)}/{path}", content


def agree(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> bool:
    if runtime_of(one) != runtime_of(other):
        return False
    wanted = {name_of(line): line for line in lines(one)}
    return all(wanted.get(name_of(line), line) == line for line in lines(other))


def runtime_of(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.startswith(RUNTIME)}


def lines(files: Mapping[str, bytes]) -> list[str]:
    return files[REQUIREMENTS].decode().splitlines()


def name_of(line: str) -> str:
    """Options, such as another index, are themselves."""
    return line if line.startswith("-") else canonicalize_name(bare(line))


def together(every: Sequence[str]) -> bytes:
    """Options first, the others by name; each once."""
    found = {name_of(line): line for line in every}
    ordered = sorted(found.values(), key=lambda line: (not line.startswith("-"), line))
    return "".join(f"{line}\n" for line in ordered).encode()


def files_of(bundle: Bundle) -> Mapping[str, bytes]:
    """Of one that an earlier deployment kept, only the archive is there."""
    if bundle.files:
        return bundle.files
    with zipfile.ZipFile(io.BytesIO(bundle.zip_bytes())) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}
