"""requirements.txt as its author wrote it, and what is installed beside the deployer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deployer.code.distributions import BROUGHT_BY_MAGE, DISTRIBUTIONS
from deployer.errors import Problem
from deployer.model import Project

EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
URL_NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*@\s*\S+")
OPTIONS = ("--extra-index-url", "--index-url", "-i ", "--find-links", "-f ", "--pre")
MAPPED = frozenset(module.partition(".")[0] for module in DISTRIBUTIONS)


@dataclass(frozen=True, slots=True)
class Listed:
    """A requirements.txt, with whatever it includes."""

    lines: Mapping[str, str] = field(default_factory=dict)
    """Canonical name → the line as written, without hashes and comments."""
    options: tuple[str, ...] = ()
    """Where pip shall look: kept for every function."""
    problems: tuple[Problem, ...] = ()


def listed(project: Project) -> Listed:
    """What the project asks for by itself: its requirements.txt, then those of the folders
    around it up to the repository's, where many keep the one that their image installs.
    """
    lines: dict[str, str] = {}
    options: dict[str, None] = {}
    problems: list[Problem] = []
    places = (place for file in _files(project) for place in _lines(file, frozenset()))
    for path, number, text in places:
        if text.startswith(OPTIONS):
            options[text] = None
        elif name := _name(text):
            written = text.removeprefix("-e ").removeprefix("--editable ")
            lines.setdefault(canonicalize_name(name), written)
        elif not text.startswith("-"):
            hint = "write `name==version`, `name @ URL` or `git+https://…#egg=name`"
            problems.append(Problem(path, number, f"requirement {text!r} cannot be read", hint))
    return Listed(lines, tuple(options), tuple(problems))


def _files(project: Project) -> Iterator[Path]:
    """Nearest first."""
    for folder in around(project.root):
        file = folder / "requirements.txt"
        if file.is_file():
            yield file


def _lines(path: Path, seen: frozenset[Path]) -> Iterator[tuple[Path, int, str]]:
    """Logical lines of a file and of those that it includes by `-r`."""
    if path in seen or not path.is_file():
        return
    waiting = ""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        waiting += line.removesuffix("\\").strip() if line.endswith("\\") else line.strip()
        if line.endswith("\\"):
            waiting += " "
            continue
        clean, waiting = _clean(waiting), ""
        include = re.match(r"(?:-r|--requirement)[ =]*(\S+)", clean)
        if include:
            yield from _lines(path.parent / include[1], seen | {path})
        elif clean:
            yield path, number, clean


def _clean(line: str) -> str:
    """Without comment and hashes."""
    line = re.sub(r"(^|\s)#.*$", "", line)
    return re.sub(r"\s--hash[= ]\S+", "", line).strip()


def _name(line: str) -> str | None:
    try:
        return Requirement(line).name
    except InvalidRequirement:
        found = EGG.search(line) or URL_NAME.match(line)
        return found[1] if found else None


def bare(line: str) -> str:
    """The name at the start of a requirement."""
    found = EGG.search(line) or re.match(r"[A-Za-z0-9._-]+", line)
    return found[1] if found and found.re is EGG else (found[0] if found else line)


@cache
def distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def is_library(found: Listed, top: str) -> bool:
    """Whether a first name belongs to some distribution that is known here."""
    name = canonicalize_name(top)
    named = any(name in line.split("-") for line in found.lines)
    return named or name in BROUGHT_BY_MAGE or top in MAPPED or top in distributions()


def around(root: Path) -> tuple[Path, ...]:
    """The project's folder and those around it, up to the repository's top; nearest first."""
    folders = (root, *root.parents)
    tops = [n for n, folder in enumerate(folders) if (folder / ".git").exists()]
    return folders[: tops[0] + 1] if tops else (root,)
