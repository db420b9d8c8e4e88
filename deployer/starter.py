"""A new project that runs at once: a starter's files, written where nothing is yet."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from deployer.errors import UsageError

SUFFIX = ".tmpl"
"""Keeps a starter's code from being taken for ours."""
HIDDEN = {"gitignore": ".gitignore", "env.example": ".env.example"}
PACKAGES = ("data_exporters", "data_loaders", "pipelines", "transformers", "utils")
USUAL = "weather"
TOP = PurePosixPath()


def names() -> list[str]:
    """The starters that there are."""
    return sorted(entry.name for entry in (files("deployer") / "starters").iterdir())


def write(folder: Path, starter: str = USUAL) -> list[Path]:
    """The files written, all new; UsageError if the folder holds anything already."""
    if starter not in names():
        raise UsageError(f"no template named {starter!r}", f"there are: {', '.join(names())}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty", "name a folder that does not exist yet")
    texts = dict(contents(files("deployer") / "starters" / starter))
    texts |= {PurePosixPath(package, "__init__.py"): "" for package in PACKAGES}
    texts[PurePosixPath("__init__.py")] = ""
    return [put(folder / path, text, folder) for path, text in sorted(texts.items())]


def put(path: Path, text: str, folder: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("{{name}}", folder.resolve().name), encoding="utf-8")
    return path


def contents(
    entry: Traversable, inside: PurePosixPath = TOP
) -> Iterator[tuple[PurePosixPath, str]]:
    """Path in the new project, text."""
    for child in entry.iterdir():
        if child.is_dir():
            yield from contents(child, inside / child.name)
        elif child.name.endswith(SUFFIX):
            name = child.name.removesuffix(SUFFIX)
            yield inside / HIDDEN.get(name, name), child.read_text(encoding="utf-8")
