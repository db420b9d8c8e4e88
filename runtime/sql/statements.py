"""SQL text → statements, and what they do.

Statements end at a semicolon outside quotes, comments and dollar quotes. What is created,
inserted into or updated decides which table's rows are a raw block's output. Mage decides
that by searching the text, and misses CREATE OR REPLACE, CREATE … AS without parentheses and
quoted names; here each statement's first words are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from runtime.record import record

_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?(?:\*/|$))
  | (?P<quoted>'(?:[^'\\]|''|\\.)*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$))
  | (?P<dollar>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|$))
  | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME = (
    r"""((?:"[^"]+"|`[^`]+`|\[[^\]]+\]|[\w$]+)(?:\s*\.\s*(?:"[^"]+"|`[^`]+`|\[[^\]]+\]|[\w$]+))*)"""
)
_CREATE = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:(?:global|local)\s+)?(?:temp(?:orary)?\s+|transient\s+|"
    rf"unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?{_NAME}",
    re.IGNORECASE,
)
_INSERT = re.compile(
    rf"insert\s+(?:ignore\s+)?(?:overwrite\s+)?(?:into\s+)?(?:table\s+)?{_NAME}", re.IGNORECASE
)
_UPDATE = re.compile(rf"update\s+(?:only\s+)?{_NAME}", re.IGNORECASE)
_DROP = re.compile(r"drop\s+table\b", re.IGNORECASE)
_WITH_INSERT = re.compile(rf"\)\s*insert\s+into\s+{_NAME}", re.IGNORECASE)


@record
class Statement:
    """One statement, without comments at its edges."""

    text: str
    verb: str
    """create, insert, update, drop, or the first word in lower case."""
    table: str | None = None


def split(text: str) -> list[str]:
    """The statements of a text; comments stay inside them, empty ones are left out."""
    parts: list[str] = []
    start = 0
    for token in _TOKEN.finditer(text):
        if token["end"]:
            parts.append(text[start : token.start()])
            start = token.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if without_comments(part).strip()]


def without_comments(text: str) -> str:
    return _TOKEN.sub(lambda token: " " if token["comment"] else token[0], text)


def read(text: str) -> list[Statement]:
    return [_statement(part) for part in split(text)]


def _statement(text: str) -> Statement:
    plain = without_comments(text).strip()
    for verb, pattern in (("create", _CREATE), ("insert", _INSERT), ("update", _UPDATE)):
        if found := pattern.match(plain):
            return Statement(text, verb, found[1])
    if _DROP.match(plain):
        return Statement(text, "drop")
    word = re.match(r"\w*", plain)
    first = word[0].lower() if word else ""
    if first == "with" and (found := _WITH_INSERT.search(plain)):
        return Statement(text, "insert", found[1])
    return Statement(text, first)


def changes_tables(statements: Iterable[Statement]) -> bool:
    """Whether any statement creates, fills, changes or drops a table."""
    return any(s.verb in ("create", "insert", "update", "drop") for s in statements)


def result_table(statements: Iterable[Statement]) -> str | None:
    """The table whose rows are the output: the created one, else the last filled or changed."""
    listed = list(statements)
    created = next((s.table for s in listed if s.verb == "create"), None)
    return created or _last(listed, "insert") or _last(listed, "update")


def _last(statements: list[Statement], verb: str) -> str | None:
    return next((s.table for s in reversed(statements) if s.verb == verb), None)


def is_select(text: str) -> bool:
    """Whether a raw text only reads, so that it can stand in another query."""
    return not changes_tables(read(text))


def mentioned(text: str, count: int) -> Iterator[int]:
    """Which of `df_1 … df_count` the text asks for."""
    for number in range(1, count + 1):
        if re.search(placeholder(number), text):
            yield number


def placeholder(number: int) -> str:
    return rf"\{{\{{ *df_{number} *\}}\}}"
