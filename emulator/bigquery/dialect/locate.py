"""Where in a statement something is: `[line:column]`, as Google's messages end."""

from __future__ import annotations

import re
from typing import Any


def at_word(source: str, word: str) -> str:
    found = re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", source, re.IGNORECASE)
    found = found or re.search(re.escape(word), source, re.IGNORECASE)
    return at_offset(source, found.start()) if found else "[1:1]"


def at_offset(source: str, offset: int) -> str:
    before = source[:offset]
    return f"[{before.count(chr(10)) + 1}:{offset - (before.rfind(chr(10)) + 1) + 1}]"


def at_node(source: str, node: Any) -> str:
    """Of the first token under `node` that remembers its place."""
    starts = [n.meta["start"] for n in node.walk() if "start" in n.meta]
    return at_offset(source, min(starts)) if starts else "[1:1]"
