"""`matchGlob` (Google: "List objects and prefixes using glob")."""

from __future__ import annotations

import re
from collections.abc import Callable

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|\{[^}]*\}|.", re.DOTALL)
_FIXED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def glob_pattern(glob: str) -> Callable[[str], bool]:
    found = re.compile("".join(_regex(part) for part in _PARTS.findall(glob)), re.DOTALL)
    return lambda name: found.fullmatch(name) is not None


def _regex(part: str) -> str:
    if part in _FIXED:
        return _FIXED[part]
    if part.startswith("[") and len(part) > 1:
        return "[^" + part[2:] if part.startswith("[!") else part
    if part.startswith("{") and len(part) > 1:
        options = (_alternative(option) for option in part[1:-1].split(","))
        return f"(?:{'|'.join(options)})"
    return re.escape(part)


def _alternative(option: str) -> str:
    return "".join(_regex(part) for part in _PARTS.findall(option))
