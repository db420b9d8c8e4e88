"""Every function and object of the standard library by name."""

from __future__ import annotations

from emulator.workflows.functions import Function
from emulator.workflows.library import (
    collections,
    encodings,
    events,
    helpers,
    http,
    retry,
    system,
    texts,
)

LIBRARY: dict[str, Function] = {
    function.name: function
    for module in (collections, encodings, events, helpers, http, retry, system, texts)
    for function in module.FUNCTIONS
}
CONSTANTS = retry.CONSTANTS
MODULES = frozenset(name.split(".")[0] for name in (*LIBRARY, *CONSTANTS) if "." in name)
CONNECTORS = "googleapis."


def is_connector(name: str) -> bool:
    """Connectors are accepted by name; their arguments are the driver's to check."""
    return name.startswith(CONNECTORS)
