"""Lets a function import only what its requirements bring.

The emulator's own environment holds more than a function asked for. In the cloud an import
of something that requirements.txt does not bring fails, so it fails here, with the same
words. Standard library only: this module is loaded inside function processes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from pathlib import PurePosixPath
from types import ModuleType


def canonical(name: str) -> str:
    """Python packaging: "Names and normalization"."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Guard:
    """Python's path finder, blind for files of the base environment outside `roots`."""

    def __init__(self, base: Iterable[str], roots: Iterable[str], names: Iterable[str]) -> None:
        self._base = tuple(f"{folder.rstrip('/')}/" for folder in base)
        self.refused: list[str] = []
        self.allow(roots, names)

    def allow(self, roots: Iterable[str], names: Iterable[str]) -> None:
        """From now on: files and folders relative to the base, and names of distributions."""
        self._roots = frozenset(roots)
        self._names = frozenset(names)
        self._above = {
            str(parent) for root in self._roots for parent in PurePosixPath(root).parents
        }

    def forget(self, besides: Iterable[str]) -> None:
        """Drop imported modules that are not allowed, and `besides` with all that is in them."""
        packages = frozenset(besides)
        for name, module in list(sys.modules.items()):
            origin = getattr(getattr(module, "__spec__", None), "origin", None)
            allowed = origin is None or self._allows_file(origin)
            if not allowed or name.partition(".")[0] in packages:
                del sys.modules[name]

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or self._allows(spec):
            return spec
        if hollow := self._hollow(spec):
            return hollow
        self.refused.append(fullname)
        return None

    def _hollow(self, spec: ModuleSpec) -> ModuleSpec | None:
        """A package whose `__init__` is another distribution's: only a name around what is ours."""
        folders = spec.submodule_search_locations
        if not folders or self._inside(folders[0]) not in self._above:
            return None
        made = ModuleSpec(spec.name, None, is_package=True)
        made.submodule_search_locations = list(folders)
        return made

    def _allows(self, spec: ModuleSpec) -> bool:
        if spec.origin is not None:
            return self._allows_file(spec.origin)
        return any(self._allows_namespace(place) for place in spec.submodule_search_locations or ())

    def _allows_file(self, file: str) -> bool:
        inside = self._inside(file)
        while inside:
            if inside in self._roots:
                return True
            inside = inside.rpartition("/")[0]
        return inside is None

    def _allows_namespace(self, folder: str) -> bool:
        inside = self._inside(folder)
        return inside is None or inside in self._above or self._allows_file(folder)

    def _inside(self, file: str) -> str | None:
        """Path relative to the base environment; None for anything outside of it."""
        for base in self._base:
            if file.startswith(base):
                return file[len(base) :]
        return None

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterator[Distribution]:
        found = MetadataPathFinder.find_distributions(context or DistributionFinder.Context())
        for distribution in found:
            origin = str(distribution.locate_file(""))
            if self._inside(f"{origin.rstrip('/')}/") is None or self._knows(distribution):
                yield distribution

    def _knows(self, distribution: Distribution) -> bool:
        return canonical(distribution.metadata["Name"]) in self._names

    def invalidate_caches(self) -> None:
        PathFinder.invalidate_caches()


def install(guard: Guard) -> None:
    """Take the place of every finder but those of built-in and frozen modules."""
    keep = [finder for finder in sys.meta_path if finder is not PathFinder]
    sys.meta_path[:] = [*keep, guard]
