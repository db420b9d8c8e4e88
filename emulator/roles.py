"""Which permissions a role holds (Google: "IAM basic and predefined roles reference").

`roles.json` writes families of permissions as patterns (`storage.objects.*`); a pattern that
starts with `-` takes away what the others gave.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import orjson

from emulator.cloud import Json


@cache
def predefined() -> dict[str, list[str]]:
    table: dict[str, list[str]] = orjson.loads(Path(__file__).with_name("roles.json").read_bytes())
    return table


@cache
def predefined_permits(role: str, permission: str) -> bool | None:
    """None for a role that is not predefined."""
    patterns = predefined().get(role)
    return None if patterns is None else permits(patterns, permission)


def permits(patterns: list[str], permission: str) -> bool:
    if any(_fits(pattern[1:], permission) for pattern in patterns if pattern[0] == "-"):
        return False
    return any(_fits(pattern, permission) for pattern in patterns if pattern[0] != "-")


@cache
def _fits(pattern: str, permission: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), permission) is not None


def is_role(role: str, custom: dict[str, Json] | None = None) -> bool:
    return role in predefined() or role in (custom or {})
