"""Small helpers that blocks import now and then."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from runtime.names import clean_name as _clean_name


def clean_name(
    name: str,
    allow_characters: list[str] | None = None,
    allow_number: bool = False,
    case_sensitive: bool = False,
) -> str:
    """Word characters only, lower case, no digit first."""
    cleaned = _clean_name(name, case_sensitive=case_sensitive, keep="".join(allow_characters or ()))
    return cleaned.removeprefix("letter_") if allow_number and name[:1].isdigit() else cleaned


def files_in_path(path: str, verbose: int = 0) -> list[str]:
    """Every file below a folder."""
    found = [str(Path(root, name)) for root, _, names in os.walk(path) for name in names]
    if verbose:
        print(*found, sep="\n")
    return found


def is_port_in_use(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("localhost", port)) == 0
