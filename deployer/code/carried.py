"""The author's files that a block's function carries: just those that the block reaches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

from deployer.code import dbt, products
from deployer.code.imports import data_files, data_folders, reach
from deployer.code.plain import json_bytes
from deployer.model import Block, Pipeline, Project
from deployer.notify import notifications
from deployer.settings import ioconfig
from deployer.settings import names as settings
from deployer.settings.secrecy import is_private, is_private_name

KEEP = ".keep"
"""Makes a folder be there for a block that writes into it."""


def path_in_project(project: Project, block: Block) -> str:
    return _relative(block.file, project.root)


@lru_cache(maxsize=4096)
def _relative(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


def project_files(
    project: Project, pipeline: Pipeline, block: Block
) -> Iterator[tuple[str, bytes]]:
    """Archive path and content; nothing private is among them."""
    folder = f"project/{project.name}"
    own = f"{folder}/{path_in_project(project, block)}"
    if product := products.of(project, block):
        yield f"{folder}/{products.FILE}", json_bytes({product.uuid: product.to_json()})
        return
    if block.content is not None:
        yield own, block.content.encode()
    elif not is_private(block.file, project.root, _plain(project)):
        yield own, block.file.read_bytes()
    for path in _reached(project, pipeline, block):
        if not is_private(path, project.root.parent):
            inside = path.relative_to(project.root.parent).as_posix()
            yield f"project/{inside}", _content(project, path)
    paths = [text for source in reach(project, block).sources for text in source.paths]
    for path in data_folders(project, paths):
        if not is_private_name(path.relative_to(project.root)):
            yield f"project/{path.relative_to(project.root.parent).as_posix()}/{KEEP}", b""
    for name, path in reach(project, block).aliases:
        yield f"project/{name}/__init__.py", _alias(project, path)
    config = settings.io_config(project)
    if config and settings.uses_io_config(project, pipeline, block):
        yield f"{folder}/{config.path.name}", config.without_secrets().encode()


_plains: list[tuple[Project, set[str]]] = []
"""Of the last project, which is a look at a moment."""


def _plain(project: Project) -> set[str]:
    """Folders of which it is known that they are no links."""
    if not _plains or _plains[-1][0] is not project:
        _plains[:] = [(project, set())]
    return _plains[-1][1]


def _content(project: Project, path: Path) -> bytes:
    """Connection profiles and webhooks never travel as they are, whatever asks for them."""
    if dbt.holds_connections(path):
        return dbt.connections(path).without_secrets().encode()
    if "io_config" in path.name.lower():
        return ioconfig.read(path).without_secrets().encode()
    if path.name == notifications.METADATA:
        return notifications.without_secrets(project, path)
    return path.read_bytes()


def _alias(project: Project, path: Path) -> bytes:
    """A package whose modules are those of another folder."""
    up = "parents[1]" if path == project.root.parent else f"parents[1] / {project.name!r}"
    return f"from pathlib import Path\n\n__path__ = [str(Path(__file__).{up})]\n".encode()


def _reached(project: Project, pipeline: Pipeline, block: Block) -> Iterator[Path]:
    """Files that the code reaches, that its variables name, that blocklift.yaml asks for."""
    found = reach(project, block)
    yield from found.files
    variables = [pipeline.variables, *(trigger.variables for trigger in pipeline.triggers)]
    texts = [
        value
        for given in variables
        for name, value in given.items()
        if isinstance(value, str) and found.speaks_of(name)
    ]
    configured = [value for value in block.configuration.values() if isinstance(value, str)]
    yield from data_files(project, [*texts, *configured])
    yield from _asked_for(project)
    if dbt.is_dbt(block):
        yield from dbt.files(project, block)


def _asked_for(project: Project) -> Iterator[Path]:
    """`files:` of blocklift.yaml: paths and patterns under the project, for every block."""
    patterns = project.settings.get("files")
    for pattern in patterns if isinstance(patterns, list) else []:
        parts = PurePosixPath(str(pattern)).parts
        if ".." in parts or str(pattern).startswith("/"):
            continue
        for path in sorted(project.root.glob(str(pattern) if parts else "*")):
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            yield from (file for file in inside if file.is_file())
