"""A block's exception, told over the wire, as an exception again: `kwargs['__error']`."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any


class BlockError(Exception):
    """A block's exception whose class is not one of Python's own."""


def rebuilt(failure: Mapping[str, Any]) -> Exception:
    """An exception with the same text; of the same class where Python has it built in."""
    message = str(failure.get("message") or failure)
    kind = getattr(builtins, str(failure.get("type", "")), None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:
            pass
    return BlockError(message)
