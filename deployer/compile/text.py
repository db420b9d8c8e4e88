"""Plain values → YAML that reads well and cannot be misread.

Only three kinds of scalars are written bare: words, numbers, true/false/null. Everything else
is quoted, so no text can turn into something else (Workflows: YAML traps of expressions).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
PLAIN_EXPRESSION = re.compile(r"\$\{[A-Za-z0-9_. ()+,\[\]-]*\}")
LINE = 100
SMALL = frozenset({"args:", "auth:", "backoff:", "return:", "more:", "connector_params:"})
"""Keys whose values may stand on one line."""
RESERVED = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])


def document(value: Mapping[str, Any]) -> str:
    """A mapping as a YAML document in block style."""
    lines: list[str] = []
    _mapping(value, "", lines)
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


@lru_cache(maxsize=8192)
def _text(value: str) -> str:
    """Definitions say the same few things again and again."""
    if WORD.fullmatch(value) and value.lower() not in RESERVED:
        return value
    if PLAIN_EXPRESSION.fullmatch(value):
        return value
    if '"' in value and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _mapping(value: Mapping[str, Any], indent: str, lines: list[str]) -> None:
    for key, item in value.items():
        _entry(f"{indent}{scalar(key)}:", item, indent, lines)


def _entry(head: str, item: Any, indent: str, lines: list[str]) -> None:
    if isinstance(item, str):  # most are
        lines.append(f"{head} {_text(item)}")
    elif isinstance(item, Mapping) and item and not _fits(item, head):
        lines.append(head)
        _mapping(item, indent + "  ", lines)
    elif isinstance(item, list) and item and not _is_short(item):
        lines.append(head)
        _list(item, indent + "  ", lines)
    else:
        lines.append(f"{head} {_flow(item)}")


def _list(items: list[Any], indent: str, lines: list[str]) -> None:
    for item in items:
        if isinstance(item, Mapping) and item:
            first = len(lines)
            _mapping(item, indent + "  ", lines)
            lines[first] = f"{indent}- {lines[first].lstrip()}"
        else:
            lines.append(f"{indent}- {_flow(item)}")


def _fits(value: Mapping[str, Any], head: str) -> bool:
    """Arguments and the like on one line: `args: {service: "pipe-a", context: "${context}"}`."""
    plain = all(not isinstance(item, Mapping | list) for item in value.values())
    return plain and head.lstrip() in SMALL and len(head) + len(_flow(value)) < LINE


def _is_short(items: list[Any]) -> bool:
    """A list of few plain values: `[a, b]`."""
    return all(isinstance(item, str) for item in items) and sum(map(len, items)) < 72


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {_quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_quoted(item) for item in value) + "]"
    return scalar(value)


def _quoted(value: Any) -> str:
    """Inside brackets an expression is always quoted."""
    written = _flow(value)
    return json.dumps(value) if written.startswith("${") else written
