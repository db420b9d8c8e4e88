"""How names are cleaned: of blocks, of tables, of the columns of an exported table."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

UNWANTED = str.maketrans("", "", '\ufeff"$\n\r\t')


def clean_name(name: str, *, case_sensitive: bool = False, keep: str = "") -> str:
    """Word characters only, no digit first, lower case; characters in `keep` stay."""
    cleaned = re.sub(rf"[^\w{re.escape(keep)}]", "_", str(name).translate(UNWANTED))
    if cleaned[:1].isdigit():
        cleaned = f"letter_{cleaned}"
    return cleaned if case_sensitive else cleaned.lower()


def clean_column(
    name: str,
    *,
    allow_reserved_words: bool = False,
    auto_clean_name: bool = True,
    case_sensitive: bool = False,
) -> str:
    """A column's name in the database; reserved words get a leading underscore."""
    if not auto_clean_name:
        return str(name)
    cleaned = clean_name(name, case_sensitive=case_sensitive)
    reserved = not allow_reserved_words and cleaned.upper() in reserved_words()
    return f"_{cleaned}" if reserved else cleaned


@cache
def reserved_words() -> frozenset[str]:
    """The long list of Drupal's coding standards, which Mage uses; it holds even A and C."""
    return frozenset((Path(__file__).parent / "data/reserved_words.txt").read_text().split())
