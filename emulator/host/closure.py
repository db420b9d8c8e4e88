"""What a function's requirements bring, if the emulator's own environment has it already.

Reading metadata takes milliseconds where asking pip takes seconds, and most functions ask
for what the emulator has at hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from emulator.host.errors import BuildError

COMMENT = re.compile(r"(^|\s)#.*$")
HASH = re.compile(r"\s--hash[= ]\S+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A requirements.txt, read."""

    requirements: tuple[Requirement, ...]
    opaque: tuple[str, ...] = ()
    """Lines that only pip can follow: other files, paths, editable installs."""


def parse(text: str, name: str = "requirements.txt") -> Wanted:
    """pip: "Requirements File Format". Options that only say where to look are left to pip."""
    found, opaque, problems = [], [], []
    for number, line in logical_lines(text):
        if line.startswith(("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".")):
            opaque.append(line)
        elif not line.startswith("-"):
            try:
                found.append(Requirement(HASH.sub("", line)))
            except InvalidRequirement as error:
                problems.append(f"{name}:{number}: {error}".splitlines()[0] + f" in {line!r}")
    if problems:
        raise BuildError("\n".join(problems))
    return Wanted(tuple(found), tuple(opaque))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    start, parts = 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start if parts else number
        if line.endswith("\\"):
            parts += line[:-1] + " "
            continue
        if whole := COMMENT.sub("", parts + line).strip():
            yield start, whole
        parts = ""


@dataclass(frozen=True)
class Found:
    """One installed distribution."""

    name: str
    version: str
    folder: Path
    distribution: Distribution

    @cached_property
    def requires(self) -> tuple[Requirement, ...]:
        return tuple(Requirement(text) for text in self.distribution.requires or ())

    def files(self) -> Iterator[str]:
        """Relative to the folder that it is installed in; metadata and bytecode left out."""
        for line in (self.distribution.read_text("RECORD") or "").splitlines():
            path = line.strip('"') if line.startswith('"') else line.partition(",")[0]
            if not path.startswith("..") and ".dist-info/" not in path:
                yield path


class Installed:
    """The distributions of some folders; what lies in an earlier one shadows the later."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    @cached_property
    def found(self) -> Mapping[str, Found]:
        every: dict[str, Found] = {}
        for folder in self.folders:
            for one in distributions(path=[str(folder)]):
                name = canonicalize_name(one.metadata["Name"])
                every.setdefault(name, Found(name, one.version, folder, one))
        return every

    @cached_property
    def _owners(self) -> Mapping[str, frozenset[str]]:
        """Shortest paths that divide the distributions, and whose they are."""
        files = [
            (name, path.split("/")) for name, found in self.found.items() for path in found.files()
        ]
        return dict(divide(files, 1))

    def roots(self, names: frozenset[str], base: Sequence[Path]) -> frozenset[str]:
        """Folders and files in `base` that belong to these distributions.

        A package's `__init__.py` that others ship as well (google.cloud.functions) may be
        theirs: it is left out unless they are all among `names`.
        """
        here = {name for name in names if name in self.found and self.found[name].folder in base}
        return frozenset(
            path
            for path, owners in self._owners.items()
            if (owners <= here if path.endswith("/__init__.py") else owners & here)
        )


def divide(paths: list[tuple[str, list[str]]], depth: int) -> Iterator[tuple[str, frozenset[str]]]:
    groups: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for name, parts in paths:
        groups["/".join(parts[:depth])].append((name, parts))
    for prefix, members in groups.items():
        owners = frozenset(name for name, _ in members)
        deeper = [member for member in members if len(member[1]) > depth]
        if len(owners) == 1 or not deeper:
            yield prefix, owners
        else:
            yield from divide(deeper, depth + 1)


@dataclass(frozen=True, slots=True)
class Closure:
    """All that some requirements bring."""

    names: frozenset[str]
    missing: tuple[str, ...] = ()
    """Requirements that the installed distributions do not meet, and who has them."""


def closure(wanted: Iterable[Requirement], installed: Installed) -> Closure:
    names: set[str] = set()
    missing: list[str] = []
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [(requirement, "requirements.txt") for requirement in wanted if applies(requirement)]
    while todo:
        requirement, origin = todo.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        found = installed.found.get(name)
        if found is None or not meets(found, requirement):
            missing.append(f"{requirement} (for {origin})")
            continue
        names.add(name)
        if (name, extras) not in seen:
            seen.add((name, extras))
            todo += [(more, name) for more in found.requires if applies(more, extras)]
    return Closure(frozenset(names), tuple(missing))


def meets(found: Found, requirement: Requirement) -> bool:
    return requirement.url is None and requirement.specifier.contains(
        found.version, prereleases=True
    )


def applies(requirement: Requirement, extras: Iterable[str] = ()) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
