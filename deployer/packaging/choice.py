"""Which packaging a project's functions get: `packaging:` in blocklift.yaml, or of a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployer.errors import UsageError

FUNCTIONS = "functions"
SHARED_IMAGE = "shared-image"
PACKAGINGS = (FUNCTIONS, SHARED_IMAGE)


def packaging_of(*settings: Mapping[str, Any]) -> str:
    """The first that says anything."""
    written = (one["packaging"] for one in settings if one.get("packaging"))
    return known(str(next(written, FUNCTIONS)))


def known(name: str) -> str:
    if name not in PACKAGINGS:
        raise UsageError(f"no packaging {name!r}", f"known: {', '.join(PACKAGINGS)}")
    return name
