"""Serves the import name `mage_ai` from `runtime.mage_ai`.

Both names lead to the same module objects, so a class is itself whichever way it came in.
A part of Mage that is not provided fails to import with a sentence that says so.
"""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

NAME = "mage_ai"
HOME = "runtime.mage_ai"


class Finder:
    """A meta path finder for `mage_ai` and everything below it."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != NAME and not fullname.startswith(f"{NAME}."):
            return None
        real = HOME + fullname[len(NAME) :]
        if find_spec(real) is None:
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: this part of Mage is not available in a function",
                name=fullname,
            )
        return ModuleSpec(fullname, Loader(real), origin=real)


class Loader(importlib.abc.Loader):
    """Gives the module that already has another name."""

    def __init__(self, real: str) -> None:
        self._real = real
        self._spec: ModuleSpec | None = None

    def create_module(self, _spec: ModuleSpec) -> ModuleType:
        module = import_module(self._real)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It ran under its real name; the import system's new spec is taken off again."""
        module.__spec__ = self._spec


def install() -> None:
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
