"""Paths of Mage's image, `/home/src/…`, led into the bundle.

Such texts are common in blocks and in what they import. They are changed when the code is
compiled: at the beginning of string constants, also inside f-strings.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import PathEntryFinder

CONTAINER_HOME = "/home/src"
"""Where Mage's image keeps projects."""


def moved(text: str, home: str, project: str) -> str:
    """The same place in the bundle, whatever the project's folder was called in the image."""
    rest = text[len(CONTAINER_HOME) :]
    first, _, tail = rest.lstrip("/").partition("/")
    if not first or first == os.path.basename(project):  # noqa: PTH119 (once per constant)
        return home + rest
    for folder in (project, home):
        if os.path.lexists(f"{folder}/{first}"):
            return folder + rest
    return f"{project}/{tail}" if tail else home + rest


def compiled(text: str, path: str, project: str) -> CodeType:
    """Code of a file of the project in this folder; without one, as it stands."""
    if not project or CONTAINER_HOME not in text:
        return compile(text, path, "exec", dont_inherit=True)
    import ast

    home = os.path.dirname(project)  # noqa: PTH120 (text in, text out)
    tree = ast.parse(text, path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and _of_the_image(node.value):
            node.value = moved(str(node.value), home, project)
    return compile(tree, path, "exec", dont_inherit=True)


def _of_the_image(value: object) -> bool:
    return isinstance(value, str) and f"{value}/".startswith(f"{CONTAINER_HOME}/")


class _Loader(SourceFileLoader):
    """Modules of the project, imported with their paths led home."""

    project = ""

    def get_code(self, fullname: str) -> CodeType | None:
        """Compiled code that lies around was made without this: it is not asked for."""
        path = self.get_filename(fullname)
        data = self.get_data(path)
        if CONTAINER_HOME.encode() not in data:
            return super().get_code(fullname)
        return compiled(data.decode("utf-8-sig"), str(path), self.project)


def install(project: str) -> None:
    """For everything that is imported from the project's folder and from beside it."""
    home = os.path.dirname(project)  # noqa: PTH120 (text in, text out)
    loader = type("Loader", (_Loader,), {"project": project})

    def hook(path: str) -> PathEntryFinder:
        if path != home and not path.startswith(f"{home}/"):
            raise ImportError
        return FileFinder(path, (ExtensionFileLoader, EXTENSION_SUFFIXES), (loader, [".py"]))

    sys.path_hooks.insert(0, hook)
    for path in [path for path in sys.path_importer_cache if path.startswith(home)]:
        del sys.path_importer_cache[path]
