"""A project's folder as a whole (Mage: "Project structure")."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from deployer.errors import Problem, ProjectError
from deployer.load import config
from deployer.load.document import Document, mapping_of, read
from deployer.load.files import IGNORED
from deployer.load.pipelines import METADATA, PipelineReader
from deployer.model import Pipeline, Project

CONFIG = "blocklift.yaml"
PRODUCTS = "global_data_products.yaml"
IO_CONFIGS = ("io_config.yaml", "io_config.yml")


def load(root: Path) -> Project:
    """The project in this folder; ProjectError names every problem in its files."""
    project, problems = survey(root)
    if project is None or problems:
        raise ProjectError(problems)
    return project


def survey(root: Path) -> tuple[Project | None, tuple[Problem, ...]]:
    """What can be read, and what is wrong with the rest. None when this is no project."""
    root = Path(os.path.abspath(root))  # noqa: PTH100  # keeps links: a project's name counts
    if problem := _not_a_project(root):
        return None, (problem,)
    problems: list[Problem] = []
    environment = surroundings(root)
    metadata = _mapping(root / METADATA, environment, problems)
    settings = _mapping(root / CONFIG, environment, problems)
    products = _mapping(root / PRODUCTS, environment, problems)
    problems += config.problems(settings) if settings else ()
    project = _project(root, environment, metadata, settings, problems)
    if products:
        project = replace(project, products=products.value)
    return project, tuple(sorted(problems, key=lambda p: (str(p.path), p.line)))


def _project(
    root: Path,
    environment: Mapping[str, str],
    metadata: Document | None,
    settings: Document | None,
    problems: list[Problem],
) -> Project:
    written: Mapping[str, Any] = metadata.value if metadata else {}
    reader = PipelineReader(root, environment, mapping_of(written.get("retry_config")))
    pipelines: tuple[Pipeline, ...] = reader.read()
    problems += reader.problems
    return Project(
        name=root.name,
        root=root,
        pipelines=pipelines,
        metadata=written,
        settings=settings.value if settings else {},
        requirements=_first(root, ("requirements.txt",)),
        io_config=_first(root, IO_CONFIGS),
    )


def surroundings(root: Path) -> Mapping[str, str]:
    """What templates may ask for: this shell's environment over the project's .env."""
    file = root / ".env"
    beside = dotenv_values(file, interpolate=False) if file.is_file() else {}
    return {key: value for key, value in beside.items() if value is not None} | dict(os.environ)


def _mapping(
    path: Path, environment: Mapping[str, str], problems: list[Problem]
) -> Document | None:
    if not path.is_file():
        return None
    document = read(path, environment)
    if isinstance(document, Problem):
        problems.append(document)
        return None
    return document


def _first(root: Path, names: tuple[str, ...]) -> Path | None:
    return next((root / name for name in names if (root / name).is_file()), None)


def _not_a_project(root: Path) -> Problem | None:
    if not root.exists():
        return Problem(root, 0, "there is no such folder")
    if not root.is_dir():
        return Problem(root, 0, "is a file; a project is a folder", f"try {root.parent}")
    if (root / METADATA).is_file() or _holds_pipelines(root):
        return None
    inside = [str(path.relative_to(root)) for path in find_projects(root)]
    hint = f"projects below it: {', '.join(inside)}" if inside else "make one: blocklift init DIR"
    return Problem(root, 0, f"is no Mage project: it has no {METADATA}", hint)


def _holds_pipelines(folder: Path) -> bool:
    """Some people commit a project without its top metadata.yaml."""
    return any(folder.glob(f"pipelines/*/{METADATA}"))


def find_projects(root: Path) -> tuple[Path, ...]:
    """Every project folder at or below `root`, outermost first."""
    found = (folder for folder in _folders(root.absolute()) if _is_project(folder))
    return tuple(sorted(found, key=lambda folder: (len(folder.parts), folder)))


def _is_project(folder: Path) -> bool:
    """A metadata.yaml and one of Mage's folders; a pipeline's or template's has none."""
    if folder.parent.name == "pipelines" or "custom_templates" in folder.parts:
        return False
    mage = any((folder / name).is_dir() for name in ("pipelines", "data_loaders", "transformers"))
    return ((folder / METADATA).is_file() and mage) or _holds_pipelines(folder)


def _folders(folder: Path) -> Iterator[Path]:
    yield folder
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return
    for path in inside:
        if path.name not in IGNORED and not path.is_symlink():
            yield from _folders(path)
