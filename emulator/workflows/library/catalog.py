"""Every function and object of the standard library by name."""

from __future__ import annotations

from typing import Any

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
KUBERNETES = frozenset(("gke.request", "gke.create_job", "gke.await_job", "gke.delete_job"))


def is_connector(name: str) -> bool:
    """Connectors are accepted by name; their arguments are the driver's to check."""
    return name.startswith(CONNECTORS) or name in KUBERNETES


CONNECTOR_HELPERS = {
    "accessString": ("secret_id", "version", "project_id"),
    "addVersionString": ("secret_id", "project_id", "data"),
}
"""Connector methods that expressions may call, by the last part of the name, and their order
of arguments: one of Google's samples does so.
"""


def connector_helper(name: str) -> tuple[str, ...] | None:
    """Parameters of a connector method that may stand in an expression."""
    return CONNECTOR_HELPERS.get(name.rsplit(".", 1)[-1]) if is_connector(name) else None


def connector_arguments(name: str, values: list[Any]) -> dict[str, Any]:
    return dict(zip(connector_helper(name) or (), values, strict=False))
