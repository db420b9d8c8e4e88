"""Import a library on first use, and say how to get it when it is not there."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from runtime.errors import MissingLibrary


def library(name: str, requirement: str = "", feature: str = "") -> Any:
    """The module; a missing one becomes an error that names what to add to requirements.txt."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        root = name.partition(".")[0]
        if error.name is not None and error.name.partition(".")[0] != root:
            raise
        raise MissingLibrary(
            feature or f"this block's use of {root}", requirement or root
        ) from error
