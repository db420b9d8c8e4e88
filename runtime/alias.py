"""Serves the import name `mage_ai` from `runtime.mage_ai`.

Both names lead to the same module objects, so a class is itself whichever way it came in.
A part of Mage that is not provided fails to import with a sentence that says so.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

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
        try:
            module = import_module(real)
        except ModuleNotFoundError as error:
            if error.name != real:
                raise
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: this part of Mage is not available in a function",
                name=fullname,
            ) from None
        loader: Any = Loader(module)
        return ModuleSpec(fullname, loader, origin=real, is_package=hasattr(module, "__path__"))


class Loader:
    """Gives the module that already has another name."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, _spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It ran under its real name; the import system's new spec is taken off again."""
        module.__spec__ = self._spec


def install() -> None:
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
