"""Which append of which call this is, so that a later attempt knows it again.

A later attempt of a call makes the same exports in the same order, so their numbers tell
them apart. What a `replace` of the same attempt has emptied before needs no memory: a later
attempt empties it again. The same holds for DELETE, TRUNCATE and DROP that a block has
committed; what it has not committed is part of the append's own transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from runtime.context import Context, current
from runtime.record import record

_EMPTIES = re.compile(
    r"\b(?:delete\s+from|truncate(?:\s+table)?|drop\s+table)\s+(?:if\s+exists\s+)?(?:only\s+)?"
    r"([\w$.\"`\[\]]+)",
    re.IGNORECASE,
)


@record
class Append:
    """One append of one call, under the same name in every attempt."""

    context: Context
    number: int

    @property
    def name(self) -> str:
        """Of a note in the bucket, beside the block's outputs."""
        return f"{self.context.prefix}appends/{self.number}.json"

    @property
    def mark(self) -> str:
        """The same in 64 characters, for databases."""
        return sha256(f"{self.context.request.bucket}/{self.name}".encode()).hexdigest()


def announced(table: str, *, replaces: bool) -> Append | None:
    """To be called once by each export; None if nothing has to be remembered."""
    context = current()
    if context is None:
        return None
    if replaces:
        context.counted[_emptied(table)] += 1
        return None
    context.counted["append"] += 1
    if context.counted[_emptied(table)]:
        return None
    return Append(context, context.counted["append"])


def emptied_by(sql: str) -> list[str]:
    """Names of tables that a text takes rows from."""
    return _EMPTIES.findall(sql)


def emptied(tables: Iterable[str]) -> None:
    """Say that this attempt has committed the loss of rows of these tables."""
    if (context := current()) is not None:
        context.counted.update(_emptied(table) for table in tables)


def _emptied(table: str) -> str:
    """By its own name: the same table is written with and without its schema."""
    bare = re.sub(r"[^\w$.]", "", table).rpartition(".")[2]
    return f"emptied {bare.lower()}"
